"""The window as it is used; only the loudspeaker is a fake, and the engine where none is needed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from desktop.prompt.form import Source
from desktop.state.settings import Settings, save_settings
from desktop.theme.colours import LIGHT
from desktop.widgets.actions import ACTIONS
from engine.client import EngineClient, Limits
from engine.loops.precedence import SessionTime
from playback.sound_library import NoSound
from tests.bridge.osc_client import TestClient
from tests.desktop.window import (
    answer_questions,
    needs_no_engine,
    put_clip,
    type_prompt,
    wait,
    with_fake_models,
    without_engine,
)
from tests.fakes.front_end import engine_fails
from tests.fakes.silent_player import SilentPlayer

ROOT = Path(__file__).resolve().parents[3]


def test_a_prompt_is_typed_generated_played_and_dragged(qtbot, desktop, player):
    type_prompt(qtbot, desktop, "warm Rhodes chords, 90 bpm, D minor, 1 bar")
    assert len(desktop.open_jobs) == 1
    wait(qtbot, lambda: desktop.collection.total == 1 and len(desktop.open_jobs) == 0)
    clips = desktop.window.clips
    wait(qtbot, lambda: clips.chosen_row() is not None)
    row = clips.chosen_row()
    assert (row.bpm, row.key, row.bars, row.model) == (90.0, "Dm", 1, "sketch")
    assert ("rhodes", "understood") in desktop.window.prompt_panel.chips.words
    notices = desktop.window.notices
    assert desktop.window.transport.values["bpm"].text() == "120.00"
    assert notices.text.text() == "90 bpm, D minor: for this loop only."
    notices.offer.click()
    assert desktop.window.transport.values["bpm"].text() == "90.00"
    assert "Seed" in desktop.window.recipe.text.text()
    qtbot.keyClick(clips, Qt.Key.Key_Space)
    wait(qtbot, lambda: player.playing == row.path)
    data = clips.model().mimeData(clips.selectedIndexes())
    assert [url.toLocalFile() for url in data.urls()] == [str(row.path)]
    qtbot.keyClick(clips, Qt.Key.Key_Space)
    wait(qtbot, lambda: player.playing is None)


@needs_no_engine
def test_what_is_typed_is_understood_before_it_is_asked_for(qtbot, desktop):
    panel = desktop.window.prompt_panel
    qtbot.keyClicks(panel.prompt, "dusty drums, flurbish, 84 bpm")
    expected = [
        *((word, "understood") for word in ("dusty", "drums", "84 bpm")),
        ("flurbish", "ignored"),
    ]
    wait(qtbot, lambda: sorted(panel.chips.words) == sorted(expected))
    panel.prompt.clear()
    assert panel.chips.words == []


def test_a_source_in_the_panel_is_varied_without_a_prompt(qtbot, desktop):
    type_prompt(qtbot, desktop, "round sub bass, 120 bpm, 1 bar")
    wait(qtbot, lambda: desktop.collection.total == 1)
    first = desktop.collection.row_at(0)
    panel = desktop.window.prompt_panel
    panel.source = Source(path=first.path, mode="vary", amount=0.3)
    type_prompt(qtbot, desktop, "")
    wait(qtbot, lambda: desktop.collection.total == 2)
    made = next(row for row in desktop.collection.shown if row.id != first.id)
    request = made.recipe.request
    assert (request.source, request.mode, request.amount) == (first.id, "vary", 0.3)
    assert (made.bpm, made.bars) == (120.0, 1)


def test_an_empty_project_offers_an_example_that_works_with_one_click(qtbot, desktop):
    window = desktop.window
    wait(qtbot, lambda: window.status.is_ready)
    assert window.middle.currentWidget() is window.empty
    qtbot.mouseClick(window.empty.examples[1], Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: desktop.collection.total == 1)
    assert window.middle.currentWidget() is window.clips


@needs_no_engine
def test_an_empty_prompt_shows_a_notice_and_requests_nothing(qtbot, desktop):
    type_prompt(qtbot, desktop, " ")
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text().startswith("The prompt is empty")
    assert len(desktop.open_jobs) == 0
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    assert not desktop.window.notices.isVisible()


def test_a_growing_take_plays_and_a_second_click_stops_it(qtbot, open_desktop, player):
    desktop = open_desktop(make_engine=with_fake_models)
    desktop.window.prompt_panel.model.addItem("fake", "fake")
    desktop.window.prompt_panel.model.setCurrentText("fake")
    type_prompt(qtbot, desktop, "early slow")
    queue = desktop.window.queue
    wait(qtbot, lambda: bool(desktop.open_jobs.rows) and desktop.open_jobs.rows[0].has_preview)
    triangle = queue.visualRect(queue.model().index(0)).topRight() + QPoint(-44, 14)
    qtbot.mouseClick(queue.viewport(), Qt.MouseButton.LeftButton, pos=triangle)
    wait(qtbot, lambda: player.playing is not None)
    assert player.playing.suffix == ".part"
    assert np.abs(player.render(20)).max() > 0.1
    qtbot.mouseClick(queue.viewport(), Qt.MouseButton.LeftButton, pos=triangle)
    wait(qtbot, lambda: player.playing is None)
    assert len(desktop.open_jobs) == 1
    queue.setCurrentIndex(queue.model().index(0))
    qtbot.keyClick(queue, Qt.Key.Key_Delete)
    wait(qtbot, lambda: len(desktop.open_jobs) == 0)


def test_the_cross_cancels_a_job(qtbot, open_desktop):
    desktop = open_desktop(make_engine=with_fake_models)
    desktop.window.prompt_panel.model.addItem("fake", "fake")
    desktop.window.prompt_panel.model.setCurrentText("fake")
    type_prompt(qtbot, desktop, "slow")
    queue = desktop.window.queue
    wait(qtbot, lambda: bool(desktop.open_jobs.rows) and desktop.open_jobs.rows[0].fraction > 0)
    assert desktop.window.making.isVisible()
    rect = queue.visualRect(queue.model().index(0))
    cross = rect.topRight() + QPoint(-14, 14)
    qtbot.mouseClick(queue.viewport(), Qt.MouseButton.LeftButton, pos=cross)
    wait(qtbot, lambda: len(desktop.open_jobs) == 0)
    assert list(desktop.project.glob("*.wav")) == []


def test_a_used_source_is_offered_to_be_let_go_when_other_words_are_typed(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    panel, notices = desktop.window.prompt_panel, desktop.window.notices
    panel.source = Source(path=desktop.collection.row_at(0).path, mode="retempo")
    desktop.window.transport.show_time(SessionTime(bpm=100.0, meter="4/4", key="", bars=4))
    qtbot.mouseClick(panel.generate, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: desktop.collection.total == 2)
    assert panel.source is not None
    qtbot.keyClicks(panel.prompt, "glass bells")
    wait(qtbot, lambda: "is still what to start from" in notices.text.text())
    qtbot.mouseClick(notices.offer, Qt.MouseButton.LeftButton)
    assert panel.source is None
    assert panel.generate.action_text == "Generate"


def test_what_was_made_under_a_search_that_hides_it_is_offered(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.search.setText("warm")
    type_prompt(qtbot, desktop, "round sub bass, 1 bar")
    notices = desktop.window.notices
    wait(qtbot, lambda: notices.text.text() == "The search or a filter hides what was just made.")
    qtbot.mouseClick(notices.offer, Qt.MouseButton.LeftButton)
    assert desktop.window.search.text() == ""
    assert desktop.window.clips.chosen_row().id != "abcd2345"


def test_success_ends_the_notice_about_an_empty_prompt(qtbot, desktop):
    type_prompt(qtbot, desktop, "")
    wait(qtbot, desktop.window.notices.isVisible)
    type_prompt(qtbot, desktop, "round sub bass, 1 bar")
    wait(qtbot, lambda: not desktop.window.notices.isVisible())


def test_the_panel_shows_the_models_size_licence_and_download(qtbot, desktop):
    note = desktop.window.prompt_panel.about_model
    wait(qtbot, lambda: note.text.text() == "built in · yours, without restriction")
    assert not note.get.isVisible()
    model = desktop.window.prompt_panel.model
    model.setCurrentIndex(model.findData("musicldm"))
    assert note.text.text().startswith("not downloaded · 2.0 GB to download · CC-BY-NC-SA-4.0")
    qtbot.mouseClick(note.get, Qt.MouseButton.LeftButton)
    assert desktop.window.pages.page_id == "models"
    assert "CC-BY-NC-SA-4.0" in desktop.models.page.cards["musicldm"].question.text()


def test_a_missing_sound_device_is_shown_and_all_else_works(qtbot, open_desktop):
    desktop = open_desktop(make_player=lambda: SilentPlayer(NoSound("no device")))
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    qtbot.mouseClick(desktop.window.transport.play_button, Qt.MouseButton.LeftButton)
    wait(qtbot, desktop.window.notices.isVisible)
    assert "connect a sound device" in desktop.window.notices.text.text()


def test_takes_that_cannot_be_written_are_saved_elsewhere(
    qtbot, open_desktop, tmp_path, monkeypatch
):
    desktop = open_desktop(make_engine=with_fake_models)
    desktop.window.prompt_panel.model.addItem("fake", "fake")
    desktop.window.prompt_panel.model.setCurrentText("fake")
    type_prompt(qtbot, desktop, f"unplug {desktop.project}")
    strip = desktop.window.notices
    wait(qtbot, strip.offer.isVisible)
    assert strip.offer.text() == "Save elsewhere…"
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(elsewhere))
    qtbot.mouseClick(strip.offer, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: strip.text.text() == f"Saved 1 take in {elsewhere}.")
    assert not strip.offer.isVisible()
    assert len(list(elsewhere.glob("*.wav"))) == 1


def test_a_full_home_disk_does_not_prevent_pads_from_being_saved_at_exit(
    qtbot, open_desktop, small_disk, expect_log
):
    home = small_disk(2**16)
    (home / "filler").write_bytes(bytes(2**16))
    desktop = open_desktop(
        Settings(), keep_settings=lambda kept: save_settings(home / "settings.json", kept)
    )
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.pads.put_on(0, [desktop.collection.row_at(0)])
    desktop.close()
    expect_log("a part of the window was not closed properly")
    assert "abcd2345" in (desktop.project / "loopwright.json").read_text()
    (home / "filler").unlink()


@engine_fails
def test_a_dead_engine_is_reported_with_a_restart_button(qtbot, open_desktop):
    dead = [sys.executable, "-c", "import sys; sys.exit('weights on fire')"]
    desktop = open_desktop(
        make_engine=lambda on_event, on_exit: EngineClient(
            on_event, on_exit=on_exit, command=dead, limits=Limits(restarts=0)
        )
    )
    wait(qtbot, desktop.window.status.restart.isVisible)
    strip = desktop.window.notices
    wait(qtbot, strip.isVisible)
    assert "\n" not in strip.text.text()
    qtbot.mouseClick(strip.details, Qt.MouseButton.LeftButton)
    assert "weights on fire" in strip.detail_text.toPlainText()


def test_closing_during_a_job_asks_once(qtbot, open_desktop):
    desktop = open_desktop(make_engine=with_fake_models)
    desktop.window.prompt_panel.model.addItem("fake", "fake")
    desktop.window.prompt_panel.model.setCurrentText("fake")
    type_prompt(qtbot, desktop, "slow")
    asked = answer_questions("Stay", "Quit anyway")
    assert not desktop.window.close()
    assert desktop.window.isVisible()
    assert desktop.window.close()
    assert asked == ["Loops are still being made. They will be cancelled."] * 2


def test_the_state_is_restored_at_the_next_start(qtbot, open_desktop, kept):
    first = open_desktop(Settings(volume=0.3), make_engine=without_engine)
    first.window.transport.values["bpm"].setFocus()
    qtbot.keyClick(first.window.transport.values["bpm"], Qt.Key.Key_Up)
    first.window.transport.volume.setValue(55)
    first.close()
    (settings,) = kept
    assert (settings.bpm, settings.volume) == (121.0, 0.55)
    second = open_desktop(settings, make_engine=without_engine)
    assert second.window.transport.values["bpm"].text() == "121.00"


@needs_no_engine
def test_the_theme_can_be_changed_while_running(desktop):
    window = desktop.window
    window.findChild(QAction, "switch_theme").trigger()
    assert desktop.settings.theme == "light"
    image = window.grab().toImage()
    assert image.pixelColor(4, window.height() // 2).name() == LIGHT.panel


@needs_no_engine
def test_every_listed_action_does_something(desktop):
    made = {action.objectName() for action in desktop.window.findChildren(QAction)}
    assert {action.id for action in ACTIONS} <= made


def test_every_control_has_a_name_and_a_tooltip(desktop):
    window = desktop.window
    touched = [w for w in window.findChildren(object) if getattr(w, "focusPolicy", None)]
    unnamed = [
        w
        for w in touched
        if w.focusPolicy() != Qt.FocusPolicy.NoFocus
        and w.isVisibleTo(window)
        and not (w.accessibleName() or getattr(w, "text", str)())
    ]
    assert [type(w).__name__ for w in unnamed] == []


@needs_no_engine
def test_tab_reaches_every_part_of_the_window(desktop):
    window = desktop.window
    reached, limit = set(), 60
    window.prompt_panel.prompt.setFocus()
    for _ in range(limit):
        window.focusNextChild()
        reached.add(window.focusWidget())
    panel, transport = window.prompt_panel, window.transport
    wanted = {panel.prompt, panel.negative, panel.model, panel.takes, panel.seed, panel.generate}
    wanted |= {
        transport.volume,
        transport.folder_button,
        *transport.values.values(),
    }
    assert wanted <= reached


def test_the_window_process_loads_no_model_library():
    code = "import sys, desktop.app.app; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"torch", "diffusers", "transformers", "scipy", "librosa", "sounddevice", "soundfile"}
    assert heavy.isdisjoint(result.stdout.split())


@pytest.mark.usefixtures("qapp")
def test_window_libraries_lose_no_reference_to_none():
    """PySide6 6.12 did: on Python 3.11, where None can die, the window then aborts."""
    from PySide6.QtGui import QPen

    pen = QPen()
    before = sys.getrefcount(None)
    for _ in range(1_000):
        pen.setWidth(1)
    assert sys.getrefcount(None) > before - 500


def osc(desktop):
    """Wait for the bridge of a window; returns a client of it."""
    return TestClient(desktop.bridge.state.port)


def test_requests_to_the_embedded_bridge_are_in_the_queue(qtbot, open_desktop):
    desktop = open_desktop(make_engine=with_fake_models)
    status = desktop.window.status.bridge
    wait(qtbot, lambda: status.text() == "No DAW yet")
    assert f"127.0.0.1:{desktop.bridge.state.port}" in status.toolTip()
    with osc(desktop) as client:
        client.ask("/lw/register", "live", 0)
        wait(qtbot, lambda: status.text() == "1 program connected")
        client.send("/lw/generate", "a", "slow", 100.0, 1, "", 1, "fake")
        wait(qtbot, lambda: bool(desktop.open_jobs.rows) and desktop.open_jobs.rows[0].fraction > 0)
        (row,) = desktop.open_jobs.rows
        assert row.state_text().endswith(" · from Live")
        assert desktop.window.prompt_panel.chips.words == []
        desktop.window.queue.cancel_wanted.emit(row.id)
        assert client.until("/lw/fail").arguments[:3] == ("/lw/generate", "a", 499)
    wait(qtbot, lambda: len(desktop.open_jobs) == 0)


def test_a_loop_requested_over_osc_appears_in_the_list(qtbot, desktop):
    wait(qtbot, lambda: desktop.bridge.state.kind == "serving")
    with osc(desktop) as client:
        client.send("/lw/generate", "a", "round sub bass", 93.5, 1)
        clip = client.until("/lw/done").arguments[2]
    wait(qtbot, lambda: desktop.collection.row(clip) is not None)
    assert desktop.window.clips.chosen_row() is None


def test_a_window_that_finds_another_bridge_shows_its_clips(qtbot, open_desktop):
    first = open_desktop()
    wait(qtbot, lambda: first.bridge.state.kind == "serving")
    second = open_desktop(bridge_port=first.bridge.state.port)
    wait(qtbot, lambda: "Another Loopwright" in second.window.status.bridge.text())
    with osc(first) as client:
        client.send("/lw/generate", "a", "round sub bass", 93.5, 1)
        clip = client.until("/lw/done").arguments[2]
    wait(qtbot, lambda: second.collection.row(clip) is not None)


@needs_no_engine
def test_generate_stays_visible_when_prompt_facts_are_shown(qtbot, desktop):
    panel = desktop.window.prompt_panel
    words = ("dusty", "lo-fi", "drums", "swing", "84 bpm", "D minor")
    panel.chips.show_words(words, ())
    seen = panel.parentWidget()
    wait(qtbot, lambda: panel.chips.height() > 0 and panel.height() <= seen.height())
    bottom = panel.generate.mapTo(seen, panel.generate.rect().bottomLeft())
    assert bottom.y() <= seen.height()
