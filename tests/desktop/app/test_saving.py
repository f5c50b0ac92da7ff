"""The window goes on while its project cannot be written, and loses nothing in silence."""

import contextlib
import json
import os
import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from desktop.pads.banks import Pad
from desktop.widgets import project_writer
from tests.desktop.window import answering, put_clip, wait, without_engine
from tests.fakes.clips import clip_of, grid_of
from tests.fakes.project_holder import block_project, project_held
from tests.fakes.waiting import until

CLIP = "abcd2345"
SAVE, DISCARD, STAY = "Save elsewhere…", "Discard", "Stay open"


@pytest.fixture
def desktop(qtbot, open_desktop):
    """The window on a project of one clip."""
    desktop = open_desktop(make_engine=without_engine)
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    return desktop


@pytest.fixture
def questions():
    """The questions that the window asks."""
    return []


@pytest.fixture
def answers(monkeypatch, questions):
    """The answers to the questions that the window will ask."""
    monkeypatch.setattr(project_writer, "FINISH_S", 0.1)
    answers = []
    timer = answering(answers, questions)
    yield answers
    timer.stop()


@pytest.fixture(scope="module")
def main_thread_files():
    """Call it for a context that notes the files that the window's thread opens or changes."""
    notes = []

    def note(event, arguments):
        if notes and event in ("open", "os.scandir", "os.rename", "os.link", "os.remove"):
            path = arguments[0]
            if threading.current_thread() is threading.main_thread() and not isinstance(path, int):
                notes[-1].append(os.fsdecode(path))

    @contextlib.contextmanager
    def noted():
        notes.append([])
        yield notes[-1]
        notes.clear()

    sys.addaudithook(note)  # it cannot be removed
    return noted


def click_star(qtbot, desktop):
    clips = desktop.window.clips
    star = clips.delegate.places(clips.visualRect(clips.model().index(0)))["star"].center()
    qtbot.mouseClick(clips.viewport(), Qt.MouseButton.LeftButton, pos=star)


def is_starred(desktop):
    return desktop.collection.row(CLIP).mark.starred


def stored(desktop):
    path = desktop.project / "loopwright.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def test_a_star_is_shown_at_once_and_written_when_the_lock_is_free(qtbot, desktop):
    saving = desktop.window.status.saving
    with project_held(desktop.project) as holder:
        click_star(qtbot, desktop)
        assert is_starred(desktop)
        wait(qtbot, lambda: saving.text() == "Saving changes…")  # the window is alive
        assert holder.poll() is None
        assert CLIP not in stored(desktop).get("clips", {})
    wait(qtbot, lambda: saving.text() == "")
    assert stored(desktop)["clips"] == {CLIP: {"starred": True}}
    assert is_starred(desktop)


def test_a_star_that_cannot_be_stored_is_reported_and_reset(qtbot, desktop):
    block_project(desktop.project)
    click_star(qtbot, desktop)
    assert is_starred(desktop)
    wait(qtbot, desktop.window.notices.isVisible)
    assert "cannot store marks" in desktop.window.notices.text.text()
    assert not is_starred(desktop)


def test_the_window_reads_and_writes_its_project_on_other_threads(
    qtbot, open_desktop, tmp_path, monkeypatch, main_thread_files
):
    """Its disk may not answer."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # for the trash
    project = tmp_path / "late-tape-ep"
    project.mkdir()
    (project / f"warm-bass_128bpm_4bars_{CLIP}.wav").write_bytes(clip_of(grid_of()))
    (project / "loopwright.json").write_text(f'{{"clips": {{"{CLIP}": {{"title": "Bass"}}}}}}')
    with main_thread_files() as paths:
        desktop = open_desktop(make_engine=without_engine)
        wait(qtbot, lambda: desktop.collection.total == 1)
        assert desktop.collection.row(CLIP).mark.title == "Bass"
        desktop.pads.banks.put(0, Pad(clip=CLIP))
        click_star(qtbot, desktop)
        desktop.window.clips.choose(CLIP)
        for action, total in (("delete_clips", 0), ("undo", 1)):
            desktop.window.findChild(QAction, action).trigger()
            wait(qtbot, lambda total=total: desktop.collection.total == total)
        assert desktop.window.close()
        desktop.close()
    assert [path for path in paths if path.startswith(str(project)) or "loopwright" in path] == []
    assert stored(desktop)["clips"] == {CLIP: {"title": "Bass", "starred": True}}
    assert stored(desktop)["pads"] == {"A": {"1": {"clip": CLIP}}}


def test_unsaved_pads_stay_and_closing_retries(qtbot, desktop, answers, questions, monkeypatch):
    block_project(desktop.project)
    desktop.pads.banks.put(0, Pad(clip=CLIP))
    wait(qtbot, desktop.window.notices.isVisible)
    assert "cannot store pads" in desktop.window.notices.text.text()
    answers.append(STAY)
    assert not desktop.window.close()
    assert "cannot store pads" in questions[0]
    assert desktop.pads.banks.pad(0) == Pad(clip=CLIP)
    (desktop.project / ".loopwright").unlink()
    monkeypatch.setattr(project_writer, "FINISH_S", 30.0)  # Now it can be written, however busy.
    assert desktop.window.close()
    assert stored(desktop)["pads"] == {"A": {"1": {"clip": CLIP}}}


def test_closing_writes_recent_changes(desktop):
    desktop.pads.banks.put(0, Pad(clip=CLIP))
    assert desktop.window.close()
    assert stored(desktop)["pads"] == {"A": {"1": {"clip": CLIP}}}


def test_closing_asks_before_discarding_a_change(qtbot, desktop, answers, questions, expect_log):
    with project_held(desktop.project):
        click_star(qtbot, desktop)
        answers += [STAY, DISCARD]
        assert not desktop.window.close()
        assert questions[0].startswith("Changes to the project are not saved yet")
        assert desktop.window.close()
        expect_log("WARNING engine.task_thread: thread project-writer did not end within 0.1 s")
        desktop.close()
    until(lambda: "project-writer" not in [thread.name for thread in threading.enumerate()])


def test_discarded_changes_are_not_written_while_the_window_closes(desktop, answers):
    block_project(desktop.project)
    desktop.pads.banks.put(0, Pad(clip=CLIP))
    answers.append(DISCARD)
    assert desktop.window.close()
    (desktop.project / ".loopwright").unlink()
    desktop.close()
    assert stored(desktop) == {}


def test_closing_can_save_the_changes_elsewhere(
    qtbot, desktop, tmp_path, monkeypatch, answers, questions
):
    with qtbot.waitSignal(desktop._writer.idle):
        click_star(qtbot, desktop)
    block_project(desktop.project)
    desktop.pads.banks.put(0, Pad(clip=CLIP))
    taken, free = tmp_path / "taken", tmp_path / "free"
    for folder in (taken, free):
        folder.mkdir()
    (taken / "loopwright.json").write_text("{}")
    chosen = ["", str(taken), str(free)]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: chosen.pop(0))
    answers += [SAVE, SAVE, SAVE]
    assert desktop.window.close()
    assert len(questions) == 3
    assert questions[1] == "The changes are not saved."
    assert "has titles and pads of its own" in questions[2]
    saved = json.loads((free / "loopwright.json").read_text("utf-8"))
    assert saved["clips"] == {CLIP: {"starred": True}}
    assert saved["pads"]["A"] == {"1": {"clip": CLIP}}
    assert (taken / "loopwright.json").read_text() == "{}"
