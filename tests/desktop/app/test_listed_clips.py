"""The clips of a project in the window: listed, played, starred, deleted and made again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from engine.loops.project import Project, latents_of, midi_of
from tests.desktop.window import put_clip, wait, without_engine


@pytest.fixture
def make_engine():
    return without_engine


def test_a_clip_from_another_program_appears_automatically(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    assert desktop.window.status.clips.text() == "1 loop"


def test_arrows_audition_during_playback_and_are_silent_otherwise(qtbot, desktop, player):
    put_clip(desktop, "abcd2345")
    put_clip(desktop, "bcde2345")
    wait(qtbot, lambda: desktop.collection.total == 2)
    clips = desktop.window.clips
    clips.choose("bcde2345")
    clips.setFocus()
    assert player.played == []
    qtbot.keyClick(clips, Qt.Key.Key_Space)
    wait(qtbot, lambda: len(player.played) == 1)
    other = desktop.collection.row_at(1 - clips.currentIndex().row())
    key = Qt.Key.Key_Down if clips.currentIndex().row() == 0 else Qt.Key.Key_Up
    qtbot.keyClick(clips, key)
    wait(qtbot, lambda: player.playing == other.path)


def test_arrows_audition_in_the_grid_and_the_view_is_remembered(qtbot, open_desktop, player, kept):
    desktop = open_desktop(make_engine=without_engine)
    put_clip(desktop, "abcd2345")
    put_clip(desktop, "bcde2345")
    wait(qtbot, lambda: desktop.collection.total == 2)
    desktop.window.findChild(QAction, "switch_form").trigger()
    clips = desktop.window.clips
    first, second = (row.id for row in desktop.collection.shown)
    clips.choose(first)
    qtbot.keyClick(clips, Qt.Key.Key_Space)
    wait(qtbot, lambda: len(player.played) == 1)
    beside = clips.visualRect(clips.model().index(1)).y() == 0
    qtbot.keyClick(clips, Qt.Key.Key_Right if beside else Qt.Key.Key_Down)
    wait(qtbot, lambda: player.playing == desktop.collection.row(second).path)
    desktop.close()
    assert kept[0].clips_as == "grid"
    assert open_desktop(kept[0], make_engine=without_engine).window.clips.form == "grid"


def test_a_star_is_saved_in_the_project(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    clips = desktop.window.clips
    star = clips.delegate.places(clips.visualRect(clips.model().index(0)))["star"].center()
    qtbot.mouseClick(clips.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert desktop.collection.row_at(0).mark.starred
    wait(qtbot, (desktop.project / "loopwright.json").exists)
    assert "starred" in (desktop.project / "loopwright.json").read_text("utf-8")
    desktop.window.search.setText("nothing like it")
    assert len(desktop.collection) == 0
    desktop.window.search.setText("starred")
    assert len(desktop.collection) == 1


def test_a_deleted_clip_goes_to_the_trash_and_can_be_restored(
    qtbot, desktop, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    path = desktop.collection.row_at(0).path
    content, latents = path.read_bytes(), latents_of(path)
    Project(desktop.project).write(latents.name, b"latents", into=latents.parent.name)
    midi_of(path).write_bytes(b"notes")
    desktop.window.findChild(QAction, "delete_clips").trigger()
    wait(qtbot, lambda: desktop.collection.total == 0)
    assert not latents.exists()
    assert not midi_of(path).exists()
    Project.open(desktop.project)  # as another window does
    assert not desktop.window.detail.isVisible()
    desktop.window.findChild(QAction, "undo").trigger()
    wait(qtbot, lambda: desktop.collection.total == 1)
    assert desktop.collection.row_at(0).path.read_bytes() == content
    assert latents.read_bytes() == b"latents"
    assert midi_of(path).read_bytes() == b"notes"


def test_after_a_deletion_the_next_clip_is_selected_and_after_undo_the_restored_one(
    qtbot, desktop, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    ids = ("abcd2345", "bcde2345", "cdef2345")
    for clip_id in ids:
        put_clip(desktop, clip_id)
    wait(qtbot, lambda: desktop.collection.total == 3)
    clips, notices = desktop.window.clips, desktop.window.notices
    deleted = desktop.collection.row_at(1).id
    clips.choose(deleted)
    following = desktop.collection.row_at(2).id
    desktop.window.findChild(QAction, "delete_clips").trigger()
    wait(qtbot, lambda: desktop.collection.total == 2)
    wait(qtbot, lambda: (row := clips.chosen_row()) is not None and row.id == following)
    wait(qtbot, notices.isVisible)
    qtbot.mouseClick(notices.offer, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: desktop.collection.total == 3)
    wait(qtbot, lambda: (row := clips.chosen_row()) is not None and row.id == deleted)
    assert not notices.isVisible()


def test_again_fills_the_panel_from_the_recipe(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    desktop.window.detail.again.click()
    form = desktop.window.prompt_panel.form()
    assert (form.prompt, form.seed) == ("Warm bass", 7)
    assert desktop.window.transport.time.bpm == 128.0
