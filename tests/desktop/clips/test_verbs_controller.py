"""The verbs in the real window, with the real engine: each ends in a clip."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction

from desktop.state.settings import Settings
from engine.loops.file_facts import read_facts
from tests.cli.program import REAL, Program
from tests.desktop.window import wait


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """A loop of sketch."""
    program = Program(tmp_path_factory.mktemp("loop"), REAL)
    return Path(program.render("warm Rhodes chords, 90 bpm, D minor, 2 bars").lines[0])


@pytest.fixture
def with_loop(qtbot, loop, open_desktop):
    """A window with one loop of sketch, which is chosen, in a session of its tempo and key."""
    desktop = open_desktop(Settings(bpm=90.0, key="D minor", bars=2))
    shutil.copyfile(loop, part := desktop.project / ".part")
    part.rename(desktop.project / loop.name)
    desktop.folder.refresh()
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose(desktop.collection.shown[0].id)
    wait(qtbot, lambda: desktop.window.detail.row.recipe is not None)
    return desktop


def click(qtbot, desktop, verb):
    qtbot.mouseClick(desktop.window.detail.verbs[verb], Qt.MouseButton.LeftButton)


def made_by(qtbot, desktop, act, total=2):
    """Do something, wait for the clip that it makes, and return its recipe."""
    act()
    wait(qtbot, lambda: desktop.collection.total == total and len(desktop.open_jobs) == 0)
    newest = max(desktop.collection.shown, key=lambda row: row.written_ns)
    wait(qtbot, lambda: desktop.window.clips.chosen_row().id == newest.id)
    return read_facts(newest.path).recipe


def test_vary_makes_and_selects_a_variation_of_the_chosen_clip(qtbot, with_loop):
    source = with_loop.window.clips.chosen_row()
    assert with_loop.window.detail.verbs["vary"].text() == "Vary 20 %"
    recipe = made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "vary"))
    request = recipe.request
    assert (request.mode, request.amount, request.source) == ("vary", 0.2, source.id)
    assert (recipe.grid, recipe.key) == (source.recipe.grid, source.recipe.key)
    panel = with_loop.window.prompt_panel
    assert (panel.chips.words, panel.seed.text()) == ([], ""), "they are of what is typed"


def test_continue_makes_the_next_bars(qtbot, with_loop):
    source = with_loop.window.clips.chosen_row()
    recipe = made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "continue"))
    assert (recipe.request.mode, recipe.request.source) == ("continue", source.id)


def test_dragged_bars_are_redone_by_the_key(qtbot, with_loop):
    detail = with_loop.window.detail
    assert not detail.verbs["redo"].isEnabled()
    drag(qtbot, detail.waveform, 0.6, 0.9)
    assert detail.waveform.bars == (2, 2)
    assert detail.verbs["redo"].text() == "Redo bar 2"
    redo = with_loop.window.findChild(QAction, "redo")
    recipe = made_by(qtbot, with_loop, redo.trigger)
    assert (recipe.request.mode, recipe.request.redo_bars) == ("redo", "2-2")
    notices = with_loop.window.notices
    with_loop.window.findChild(QAction, "vary").trigger()
    wait(qtbot, lambda: "were redone" in notices.text.text())
    assert "vary the loop it was made from, redo other bars" in notices.text.text()
    qtbot.mouseClick(notices.offer, Qt.MouseButton.LeftButton)
    assert with_loop.window.clips.chosen_row().id == recipe.request.source
    assert with_loop.window.detail.verbs["vary"].isEnabled()


def drag(qtbot, widget, begin, end):
    """Drag over a widget from one fraction of its width to another."""
    points = [QPoint(round(widget.width() * at), 20) for at in (begin, (begin + end) / 2, end)]
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(widget, point)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=points[-1])


def test_retempo_and_rekey_use_the_transport_values(qtbot, with_loop):
    transport, verbs = with_loop.window.transport, with_loop.window.detail.verbs
    assert not verbs["retempo"].isEnabled()
    assert verbs["retempo"].toolTip().startswith("The clip is already at 90 BPM")
    qtbot.keyClick(transport.values["bpm"], Qt.Key.Key_Up)
    assert verbs["retempo"].text() == "Retempo to 91"
    recipe = made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "retempo"))
    assert (recipe.request.mode, recipe.grid.bpm, recipe.key) == ("retempo", 91.0, "D minor")
    qtbot.keyClick(transport.values["key"], Qt.Key.Key_Up)
    assert verbs["rekey"].text() == "Rekey to C"
    recipe = made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "rekey"), total=3)
    assert (recipe.grid.bpm, recipe.key) == (91.0, "C major")


def test_blend_offers_other_clips_and_mixes_the_picked_one(qtbot, with_loop):
    first = with_loop.window.clips.chosen_row()
    made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "continue"))
    second = with_loop.window.clips.chosen_row()
    click(qtbot, with_loop, "blend")
    menu = with_loop.window.detail.blend_menu
    offered = [a for a in menu.actions() if a.text().endswith("90 bpm · Dm")]
    assert len(offered) == 1
    menu.slider.setValue(30)
    menu.hide()
    recipe = made_by(qtbot, with_loop, offered[0].trigger, total=3)
    request = recipe.request
    assert (request.source, request.with_source, request.amount) == (second.id, first.id, 0.3)


def test_the_key_of_a_disabled_verb_shows_the_reason(qtbot, desktop):
    desktop.window.findChild(QAction, "vary").trigger()
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text() == "Choose a clip first."


def test_the_variation_amount_is_chosen_and_remembered(with_loop, kept):
    ten = next(a for a in with_loop.window.detail.amount.menu().actions() if "10 %" in a.text())
    ten.trigger()
    assert with_loop.window.detail.verbs["vary"].text() == "Vary 10 %"
    with_loop.close()
    assert kept[0].vary_amount == 0.1


def test_one_click_deselects_bars_and_the_next_one_plays(qtbot, with_loop, player):
    waveform = with_loop.window.detail.waveform
    drag(qtbot, waveform, 0.1, 0.2)
    assert waveform.bars == (1, 1)
    qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton)
    assert waveform.bars is None
    assert player.played == []
    qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: len(player.played) == 1)


def test_arrow_keys_select_bars_and_escape_deselects(qtbot, with_loop):
    waveform = with_loop.window.detail.waveform
    waveform.setFocus()
    qtbot.keyClick(waveform, Qt.Key.Key_Right)
    assert waveform.bars == (1, 1)
    qtbot.keyClick(waveform, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert waveform.bars == (1, 2)
    qtbot.keyClick(waveform, Qt.Key.Key_Left)
    assert waveform.bars == (1, 1)
    qtbot.keyClick(with_loop.window, Qt.Key.Key_Escape)
    assert waveform.bars is None


def test_a_variation_can_be_varied_again(qtbot, with_loop):
    made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "vary"))
    wait(qtbot, with_loop.window.detail.verbs["vary"].isEnabled)
    recipe = made_by(qtbot, with_loop, lambda: click(qtbot, with_loop, "vary"), total=3)
    assert [each.mode for each in recipe.lineage] == [None, "vary", "vary"]
