"""The whole window for tests: opening it, driving it, and seeing that nothing of it is left."""

import contextlib
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.app.app import Desktop
from desktop.app.parts import real_engine
from desktop.state.settings import Settings
from desktop.theme.colours import DARK
from desktop.theme.stylesheet import apply_palette, apply_style_sheet
from desktop.widgets.question import Question
from engine.client import EngineClient, Limits
from tests.fakes.bridge import FakeEngine
from tests.fakes.clips import clip_of, grid_of

FAKE_ENGINE = Path(__file__).parents[1] / "fakes" / "fake_engine.py"
LIMIT_MS = 60_000


@contextlib.contextmanager
def windows(app, project, player, kept):
    """Yield a function that opens the window; what it has started must have ended afterwards."""
    opened, before = [], set(threading.enumerate())

    def open_(settings=None, **options):
        project.mkdir(exist_ok=True)
        colours = DARK.copy()
        app.setStyleSheet("")  # as in the program, the sheet comes when the window is built
        apply_palette(app, colours)
        ours = {"make_player": lambda: player, "keep_settings": kept.append, "bridge_port": 0}
        desktop = Desktop(project, settings or Settings(), colours, **{**ours, **options})
        apply_style_sheet(app, colours)
        if desktop.settings.geometry == "":
            desktop.window.resize(1440, 900)  # the screen of these tests is smaller
        opened.append(desktop)
        desktop.start()
        return desktop

    yield open_
    for desktop in opened:
        if isValid(desktop.window):  # unless a test has closed it
            desktop.close()
        desktop.deleteLater()
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert set(threading.enumerate()) - before == set()
    assert [
        w.objectName() or type(w) for w in QApplication.topLevelWidgets() if w.isVisible()
    ] == []


class IdleEngine(FakeEngine):
    """Makes nothing by itself; a test may send the window the events."""

    def close(self):
        pass


def without_engine(_on_event, _on_exit):
    """Return an engine for windows that need none: a process costs more than the window."""
    return IdleEngine()


needs_no_engine = pytest.mark.parametrize("make_engine", [without_engine])
needs_real_engine = pytest.mark.parametrize("make_engine", [real_engine])


def with_fake_models(on_event, on_exit):
    command = [sys.executable, "-P", str(FAKE_ENGINE)]
    return EngineClient(on_event, on_exit=on_exit, command=command, limits=Limits(restarts=0))


def wait(qtbot, condition):
    qtbot.waitUntil(condition, timeout=LIMIT_MS)


def type_prompt(qtbot, desktop, text, key=Qt.Key.Key_Return):
    prompt = desktop.window.prompt_panel.prompt
    prompt.clear()
    qtbot.keyClicks(prompt, text)
    qtbot.keyClick(prompt, key)


def answer_questions(*answers):
    """Click these answers to the questions that the window will ask; return their texts."""
    left, texts = list(answers), []
    timer = answering(left, texts)
    timer.timeout.connect(lambda: left or timer.stop())
    return texts


def answering(left, texts):
    """Click the answers in a list as questions come, and note these, while the timer runs.

    A question that nobody has an answer for is dismissed, which loses nothing.
    """
    timer = QTimer(QApplication.instance())

    def look():
        for window in QApplication.topLevelWidgets():
            for question in window.findChildren(Question):
                if question.isVisible():
                    texts.append(question.text.text())
                    question.buttons[left.pop(0)].click() if left else question.dismiss()

    timer.timeout.connect(look)
    timer.start(10)
    return timer


def put_clip(desktop, clip_id="abcd2345", title="warm-bass"):
    part = desktop.project / ".part"
    part.write_bytes(clip_of(grid_of()))
    part.rename(desktop.project / f"{title}_128bpm_4bars_{clip_id}.wav")
    desktop.folder.refresh()
