"""Sounds that are dropped: from files, and from the list of clips."""

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from desktop.app.parts import both
from engine.client import EngineClient
from engine.loops.file_facts import read_facts
from engine.loops.precedence import SessionTime
from engine.protocol import Failed
from tests.desktop.window import put_clip, wait
from tests.fakes.clips import clip_of, grid_of, tagged_file


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    for event in (
        QDragEnterEvent(QPoint(20, 10), action, data, *buttons),
        QDropEvent(QPointF(20, 10), action, data, *buttons),
    ):
        QApplication.sendEvent(widget, event)
        assert event.isAccepted()


def menu_of(qtbot, desktop):
    menu = desktop.sources.menu
    wait(qtbot, menu.isVisible)
    return {action.text(): action for action in menu.actions()}


def choose(qtbot, desktop, text):
    menu_of(qtbot, desktop)[text].trigger()
    desktop.sources.menu.hide()


@pytest.fixture
def foreign(tmp_path):
    """A drum beat of eight seconds at 120 BPM that no DAW has tagged."""
    frames = np.arange(8 * 44_100)
    since_beat = frames % 22_050
    sound = np.sin(2 * np.pi * 180 * since_beat / 44_100) * np.exp(-since_beat / 2_000)
    path = tmp_path / "found sound.flac"
    soundfile.write(path, (0.5 * sound).astype(np.float32), 44_100)
    return path


@pytest.fixture
def chords(tmp_path):
    """Four bars of A minor at 120 BPM, without tags."""
    seconds = np.arange(8 * 44_100) / 44_100
    notes = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 261.63, 329.63))
    sound = notes * np.exp(-8 * (seconds % 0.5))
    path = tmp_path / "found chords.flac"
    soundfile.write(path, (0.25 * sound).astype(np.float32), 44_100)
    return path


class RecordingEngine(EngineClient):
    """Remembers what it was to analyse, and what became of it."""

    def __init__(self, on_event, on_exit):
        self.analysed, self.events = [], []
        super().__init__(both(self.events.append, on_event), on_exit=on_exit)

    def analyse(self, path, *stated):
        self.analysed.append(path)
        return super().analyse(path, *stated)


def shown_facts(desktop):
    line = desktop.window.prompt_panel.source_field.facts_line
    return {name: edit.text() for name, edit in line.edits.items()} if line.isVisible() else {}


@pytest.fixture
def far_clip(tmp_path):
    """A clip of ours in another place."""
    path = tmp_path / "far.wav"
    path.write_bytes(clip_of(grid_of("7/8", bpm=93.5), key="D minor"))
    return path


def test_our_own_clip_can_be_made_again_from_its_recipe(qtbot, desktop, far_clip):
    drop(desktop.window, far_clip)
    choose(qtbot, desktop, "Ask like this")
    form, time = desktop.window.prompt_panel.form(), desktop.window.transport.time
    assert (form.prompt, form.seed, form.model) == ("Warm bass", 7, "sketch")
    assert (time.bpm, time.meter, time.key, time.bars) == (93.5, "7/8", "D minor", 4)
    assert form.source is None


def test_our_own_clip_can_be_the_source(qtbot, desktop, far_clip):
    drop(desktop.window, far_clip)
    choose(qtbot, desktop, "Start from this")
    source = desktop.window.prompt_panel.form().source
    assert (source.path, source.mode, source.amount) == (far_clip, "vary", 0.2)


def test_any_other_sound_becomes_a_source_for_a_clip_in_time(qtbot, desktop, foreign):
    desktop.window.transport.show_time(SessionTime(bpm=92.0, meter="4/4", bars=4))
    drop(desktop.window, foreign)
    panel = desktop.window.prompt_panel
    wait(qtbot, lambda: panel.source is not None)
    assert (panel.source.path, panel.source.mode) == (foreign, "retempo")
    wait(qtbot, desktop.window.notices.isVisible)
    reported = desktop.window.notices.text.text()
    assert reported == "found sound.flac is the source: Generate will stretch it to 92 BPM."
    panel.generate.click()
    wait(qtbot, lambda: desktop.collection.total == 1 and len(desktop.open_jobs) == 0)
    recipe = read_facts(desktop.collection.row_at(0).path).recipe
    assert (recipe.grid.bpm, recipe.request.source) == (92.0, "found sound.flac")
    assert "/" not in recipe.request.source


def test_a_folder_of_one_shots_plays_the_next_drums(qtbot, desktop, tmp_path):
    kit = tmp_path / "my drums"
    kit.mkdir()
    sound = np.exp(-np.arange(4_800) / 500)[:, None] * np.ones((1, 2))
    soundfile.write(kit / "kick.wav", sound, 48_000)
    drop(desktop.window, kit)
    panel, notices = desktop.window.prompt_panel, desktop.window.notices
    wait(qtbot, lambda: notices.text.text() == "Sketch now plays drums with my drums.")
    assert panel.source is None
    panel.fill("house drums, 1 bar")
    panel.generate.click()
    wait(qtbot, lambda: desktop.collection.total == 1 and len(desktop.open_jobs) == 0)
    recipe = read_facts(desktop.collection.row_at(0).path).recipe
    assert [sound.name for sound in recipe.request.kit] == ["kick.wav"]


def test_the_use_of_a_source_can_be_chosen(qtbot, desktop, foreign):
    desktop.window.transport.show_time(SessionTime(bpm=120.0, meter="4/4", key="C minor", bars=4))
    drop(desktop.window, foreign)
    panel = desktop.window.prompt_panel
    wait(qtbot, lambda: panel.source is not None)
    qtbot.mouseClick(panel.source_field.mode_button, Qt.MouseButton.LeftButton)
    texts = menu_of(qtbot, desktop)
    assert not texts["Vary it by 20 %"].isEnabled()  # sketch works from recipes alone
    choose(qtbot, desktop, "Transpose it to C minor")
    assert panel.source.mode == "rekey"


def test_an_audio_model_can_vary_a_foreign_sound(qtbot, desktop, foreign):
    panel = desktop.window.prompt_panel
    panel.model.setCurrentIndex(panel.model.findData("musicldm"))
    drop(panel.source_field, foreign)
    wait(qtbot, lambda: panel.source is not None)
    assert (panel.source.mode, panel.source.amount) == ("vary", 0.2)


def test_a_key_makes_a_listed_clip_the_source(qtbot, desktop):
    put_clip(desktop)
    wait(
        qtbot,
        lambda: desktop.collection.total == 1 and desktop.collection.row_at(0).recipe is not None,
    )
    desktop.window.clips.choose("abcd2345")
    desktop.window.findChild(QAction, "use_as_source").trigger()
    assert desktop.window.prompt_panel.source.path == desktop.collection.row_at(0).path


@pytest.mark.parametrize(
    ("name", "content"),
    [("kick.wav", b"RIFF"), ("notes.txt", b"not a sound"), ("empty.flac", b"")],
)
def test_an_unreadable_file_is_reported(qtbot, desktop, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    drop(desktop.window, tmp_path / name)
    wait(qtbot, desktop.window.notices.isVisible)
    sentence = desktop.window.notices.text.text()
    assert sentence.endswith("cannot be read as a clip: it is not an audio file.")
    assert desktop.window.prompt_panel.source is None


def test_a_folder_is_reported(qtbot, desktop, tmp_path):
    drop(desktop.window, tmp_path)
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text().endswith("it is a folder, not a file.")


def test_facts_in_a_file_are_shown_and_can_be_corrected(qtbot, desktop, tmp_path):
    audio = np.ones((round(4 * 240 / 174 * 48_000), 1), np.float32) / 2
    drop(desktop.window, tagged_file(tmp_path / "keys_Am.wav", audio, 48_000, 87.0, 8))
    field = desktop.window.prompt_panel.source_field
    line = field.facts_line
    wait(qtbot, line.isVisible)
    assert line.edits["bpm"].text() == "87 BPM (acid tag)"
    assert line.edits["key"].text() == "A minor (name)"
    qtbot.mouseClick(line.double, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: line.edits["bpm"].text() == "174 BPM (typed)")
    assert line.edits["bars"].text().startswith("4 bars")
    assert desktop.window.prompt_panel.form().source.stated.bpm == 174.0


def test_unknown_facts_of_a_source_are_detected(qtbot, desktop, chords):
    drop(desktop.window, chords)
    wait(qtbot, lambda: "detected" in shown_facts(desktop).get("key", ""))
    facts = shown_facts(desktop)
    assert facts["bpm"] in ("120 BPM (detected)", "120 BPM (detected, unsure)")
    assert (facts["bars"], facts["meter"]) == ("4 bars", "4/4")
    assert facts["key"] in ("A minor (detected)", "A minor (detected, unsure)")
    line = desktop.window.prompt_panel.source_field.facts_line
    qtbot.mouseClick(line.half, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: shown_facts(desktop)["bpm"] == "60 BPM (typed)")
    wait(qtbot, lambda: shown_facts(desktop)["key"].startswith("A minor"))
    assert (shown_facts(desktop)["bpm"], shown_facts(desktop)["bars"]) == (
        "60 BPM (typed)",
        "2 bars",
    )


def test_a_job_goes_before_the_analysis_of_its_source(qtbot, desktop, chords):
    desktop.window.transport.show_time(SessionTime(bpm=92.0, meter="4/4", bars=4))
    drop(desktop.window, chords)
    wait(qtbot, lambda: shown_facts(desktop) != {})
    desktop.window.prompt_panel.generate.click()
    assert [row.title for row in desktop.open_jobs.rows] == [""]
    wait(qtbot, lambda: desktop.collection.total == 1 and len(desktop.open_jobs) == 0)
    assert read_facts(desktop.collection.row_at(0).path).recipe.grid.bpm == 92.0
    wait(qtbot, lambda: "detected" in shown_facts(desktop)["key"])


def test_a_failed_analysis_is_neither_listed_nor_reported(qtbot, open_desktop, tmp_path, chords):
    desktop = open_desktop(make_engine=RecordingEngine)
    listed, notices = [], []
    desktop.open_jobs.on_change = listed.append
    desktop.notices.show_with(notices.append)
    silent = tmp_path / "silence_120bpm.flac"
    soundfile.write(silent, np.zeros(96_000, np.float32), 48_000)
    drop(desktop.window, silent)
    wait(qtbot, lambda: any(isinstance(each, Failed) for each in desktop._engine.events))
    assert shown_facts(desktop)["bpm"] == "120 BPM (name)"
    drop(desktop.window, chords)
    wait(qtbot, lambda: "detected" in shown_facts(desktop).get("key", ""))
    assert listed == []
    assert {each.topic for each in notices} == {"drop"}


def test_a_clip_with_a_recipe_is_analysed_only_after_a_correction(qtbot, open_desktop, far_clip):
    desktop = open_desktop(make_engine=RecordingEngine)
    drop(desktop.window.prompt_panel.source_field, far_clip)
    wait(qtbot, lambda: shown_facts(desktop).get("bpm") == "93.5 BPM (recipe)")
    line = desktop.window.prompt_panel.source_field.facts_line
    assert desktop._engine.analysed == []
    qtbot.mouseClick(line.double, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: desktop._engine.analysed == [far_clip])
    wait(qtbot, lambda: shown_facts(desktop)["bpm"] == "187 BPM (typed)")
