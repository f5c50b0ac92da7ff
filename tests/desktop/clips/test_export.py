"""Exporting from the window: the panel, the files, and what happens when it cannot be done."""

import shutil
from pathlib import Path

import msgspec
import pytest
import soundfile
from mido import MidiFile
from PySide6.QtCore import Qt

from desktop.clips.rows import Mark
from desktop.widgets.buttons import SignButton
from engine.loops.edits import Edits
from engine.loops.file_facts import read_facts
from tests.cli.program import REAL, Program
from tests.desktop.window import put_clip, wait, without_engine


@pytest.fixture
def desktop(open_desktop, qtbot):
    """A window with two clips, both chosen."""
    desktop = open_desktop(make_engine=without_engine)
    for clip_id, title in (("abcd2345", "warm-bass"), ("bcde2345", "cold-bass")):
        put_clip(desktop, clip_id, title)
    wait(
        qtbot, lambda: all(row.recipe for row in desktop.collection.shown) and _count(desktop) == 2
    )
    desktop.window.clips.setFocus()
    desktop.window.clips.selectAll()
    return desktop


def _count(desktop):
    return len(desktop.collection)


def notice(desktop):
    return desktop.window.notices.text.text()


def open_sheet(qtbot, desktop):
    qtbot.keyClick(desktop.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    sheet = desktop.exporting.sheet
    assert sheet.isVisible()
    return sheet


def test_clips_are_exported_as_asked_with_their_new_titles(desktop, qtbot, kept):
    window = desktop.window
    row = desktop.collection.shown[0]
    desktop.collection.mark(row.id, Mark(title="Über / bass"))
    sheet = open_sheet(qtbot, desktop)
    assert sheet.heading.text() == "Export 2 loops"
    sheet.form.setCurrentIndex(sheet.form.findData("flac 16"))
    sheet.rate.setCurrentIndex(sheet.rate.findData(44_100))
    sheet.names.clear()
    qtbot.keyClicks(sheet.names, "{number} {title} {tempo}")
    assert sheet.example.text() == "For example 1 Über - bass 128bpm.flac"
    qtbot.keyClick(sheet.names, Qt.Key.Key_Return)
    wait(qtbot, lambda: not sheet.isVisible())
    wait(qtbot, lambda: notice(desktop) == "Exported 2 loops to exports.")
    folder = desktop.project / "exports"
    assert sorted(path.name for path in folder.glob("*.flac")) == [
        "1 Über - bass 128bpm.flac", "2 Warm bass 128bpm.flac",
    ]  # fmt: skip
    facts = read_facts(folder / "1 Über - bass 128bpm.flac")
    assert (facts.rate, facts.bits, facts.recipe.title) == (44_100, "16", "Über / bass")
    assert soundfile.info(facts.path).frames == facts.recipe.grid.frames
    assert window.focusWidget() is window.clips
    assert _count(desktop) == 2
    desktop.close()
    assert (kept[-1].export_as, kept[-1].export_rate) == ("flac 16", 44_100)


def test_what_is_there_is_not_replaced_and_the_panel_says_so(desktop, qtbot):
    folder = desktop.project / "exports"
    folder.mkdir()
    (folder / "mine.wav").write_text("mine")
    sheet = open_sheet(qtbot, desktop)
    sheet.names.setText("mine")
    qtbot.keyClick(sheet.names, Qt.Key.Key_Return)
    wait(qtbot, sheet.problem.isVisible)
    assert sheet.problem.text().startswith("Exported 1 loop to exports.")
    assert "already has mine.wav: nothing was replaced" in sheet.problem.text()
    assert (folder / "mine.wav").read_text() == "mine"
    assert sheet.export.isEnabled()


def test_esc_cancels_what_is_being_exported(desktop, qtbot):
    sheet = open_sheet(qtbot, desktop)
    sheet.rate.setCurrentIndex(sheet.rate.findData(96_000))
    sheet.export.click()
    qtbot.keyClick(sheet.panel, Qt.Key.Key_Escape)
    wait(qtbot, lambda: notice(desktop).startswith("Cancelled. Exported "))
    written = list((desktop.project / "exports").glob("*"))
    assert f"Exported {len(written)} loop" in notice(desktop)
    assert len(written) < 2
    assert not sheet.isVisible()


def test_a_wrong_pattern_is_explained_while_it_is_typed(desktop, qtbot):
    sheet = open_sheet(qtbot, desktop)
    sheet.names.setText("{artist}")
    assert "{artist} is no part of a name" in sheet.example.text()
    assert not sheet.export.isEnabled()
    sheet.names.setText("")
    title = sheet.parts.findChild(SignButton)
    qtbot.mouseClick(title, Qt.MouseButton.LeftButton)
    assert sheet.names.text() == "{title}"


def test_the_panel_has_the_keyboard_and_no_shortcut_of_the_window_acts(desktop, qtbot):
    sheet = open_sheet(qtbot, desktop)
    reached = []
    for _ in range(20):
        focus = desktop.window.focusWidget()
        reached.append(focus)
        assert sheet.isAncestorOf(focus)
        assert focus.accessibleName() or focus.text()
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert {sheet.form, sheet.rate, sheet.names, sheet.to, sheet.export} <= {*reached}
    sheet.form.setFocus()
    qtbot.keyClick(sheet.form, Qt.Key.Key_Delete)
    qtbot.keyClick(sheet.form, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert desktop.window.pages.page_id == ""
    qtbot.keyClick(sheet.form, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert _count(desktop) == 2


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """A loop of drums and bass, played by sketch."""
    program = Program(tmp_path_factory.mktemp("loop"), REAL)
    return Path(program.render("funk drums and bass", "--bars", "2", "--seed", "3").lines[0])


def test_stems_and_midi_come_along_named_like_the_audio(open_desktop, qtbot, loop):
    desktop = open_desktop()
    shutil.copyfile(loop, desktop.project / loop.name)
    put_clip(desktop, "bcde2345", "cold-bass")
    wait(qtbot, lambda: len([row for row in desktop.collection.shown if row.recipe]) == 2)
    window = desktop.window
    window.clips.choose(next(r.id for r in desktop.collection.shown if r.path.name == loop.name))
    wait(qtbot, desktop.is_ready)
    edits = Edits(gain_db=-6.0)
    window.detail.editing.edit(edits)
    sheet = open_sheet(qtbot, desktop)
    for name in ("Stems", "MIDI"):
        qtbot.mouseClick(sheet.contents[name], Qt.MouseButton.LeftButton)
    sheet.names.setText("funk")
    qtbot.keyClick(sheet.names, Qt.Key.Key_Return)
    wait(qtbot, lambda: notice(desktop) == "Exported 4 files to exports.")
    files = [path for path in (desktop.project / "exports").iterdir() if path.suffix]
    written = sorted(path.name for path in files)
    assert written[-2:] == ["funk.mid", "funk.wav"]
    edited = [read_facts(path).recipe.edits for path in files if path.suffix == ".wav"]
    assert edited == [edits] * 3
    assert [name.partition("-")[0] for name in written[:-2]] == ["bass", "drums"]
    assert desktop.collection.total == 2
    assert not desktop.window.making.isVisible()
    window.detail.editing.edit(Edits(bars=(2, 2)))
    sheet = open_sheet(qtbot, desktop)
    for name in ("Audio", "Stems"):
        qtbot.mouseClick(sheet.contents[name], Qt.MouseButton.LeftButton)
    sheet.export.click()
    wait(qtbot, lambda: notice(desktop) == "Exported 1 file to exports.")
    (trimmed,) = {*(desktop.project / "exports").glob("*.mid")} - {*files}
    assert "_1bars_" in trimmed.name
    whole = MidiFile(desktop.project / "exports" / "funk.mid")
    assert MidiFile(trimmed).length == pytest.approx(whole.length / 2)


def test_without_notes_there_is_audio_alone(desktop, qtbot):
    row = desktop.collection.shown[0]
    recipe = msgspec.structs.replace(
        row.recipe, model=msgspec.structs.replace(row.recipe.model, id="musicldm", name="MusicLDM"),
        request=msgspec.structs.replace(row.recipe.request, model="musicldm"),
    )  # fmt: skip
    desktop.collection.put([msgspec.structs.replace(row, recipe=recipe)])
    desktop.window.clips.choose(row.id)
    sheet = open_sheet(qtbot, desktop)
    assert not sheet.contents["MIDI"].isEnabled()
    why = " ".join(sheet.contents["MIDI"].toolTip().split())  # as it may be wrapped
    assert "since MusicLDM made it" in why
    qtbot.mouseClick(sheet.contents["Audio"], Qt.MouseButton.LeftButton)
    assert not sheet.export.isEnabled()
