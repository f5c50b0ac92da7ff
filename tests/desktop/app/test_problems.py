"""What the window does where something goes wrong: it logs, says so once, and helps to report."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QDesktopServices

from desktop.app.problems import SOMETHING_WENT_WRONG, Problems
from desktop.state.notices import Notices
from desktop.widgets.actions import ACTIONS
from tests.desktop.window import LIMIT_MS

ROOT = Path(__file__).resolve().parents[3]
FAILING = Path(__file__).with_name("window_that_fails.py")


def test_an_exception_in_a_slot_is_logged_and_shown_once(tmp_path):
    logs = tmp_path / "logs"
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    places = {"HOME": str(tmp_path), "LOOPWRIGHT_LOGS": str(logs), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(FAILING)],
        env={**kept, **places, "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=LIMIT_MS / 1_000,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, SOMETHING_WENT_WRONG + "\n")
    assert "Traceback" not in done.stderr
    text = (logs / "window.log").read_text("utf-8")
    assert text.count("KeyError: 'deep in a slot'") == 2
    assert "WARNING desktop.app.problems [MainThread] Qt: a warning about …" in text
    assert text.count("notice: error") == 1


class Opened(QObject):
    """Takes what the window asks the system to open."""

    def __init__(self):
        super().__init__()
        self.places = []

    @Slot("QUrl")
    def take(self, url):
        self.places.append(url.toLocalFile() or url.toString())


@pytest.fixture
def opened():
    opened = Opened()
    for scheme in ("file", "trash"):
        QDesktopServices.setUrlHandler(scheme, opened, "take")
    yield opened.places
    for scheme in ("file", "trash"):
        QDesktopServices.unsetUrlHandler(scheme)


def test_show_log_in_the_help_menu_opens_the_log_folder(desktop, opened):
    entries = desktop.window.status.help_menu.actions()
    assert [each.text() for each in entries] == [each.title for each in ACTIONS if each.in_help]
    entries[[each.text() for each in entries].index("Show log")].trigger()
    assert opened == [os.environ["LOOPWRIGHT_LOGS"]]


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own trash")
def test_the_menu_of_the_project_opens_the_trash(desktop, opened):
    entries = {each.text(): each for each in desktop.window.transport.project_menu.actions()}
    entries["Show trash"].trigger()
    assert opened == ["trash:///"]


@pytest.fixture
def reported():
    return []


@pytest.fixture
def problems(qtbot, reported, tmp_path, monkeypatch):
    from PySide6.QtWidgets import QWidget

    monkeypatch.setenv("HOME", str(tmp_path))
    notices = Notices()
    notices.show_with(lambda notice: reported.append(notice.text))
    window = QWidget()
    qtbot.addWidget(window)
    problems = Problems(window, notices)
    yield problems
    problems.close()


def test_a_report_is_written_and_announced(qtbot, problems, reported, tmp_path):
    path = tmp_path / "report.zip"
    problems.write_report(path)
    qtbot.waitUntil(lambda: len(reported) == 2, timeout=LIMIT_MS)
    assert reported[1] == f"Saved the report to {path}. Check what is in it before you send it."
    with zipfile.ZipFile(path) as report:
        assert {"checks.json", "settings.json"} <= set(report.namelist())


def test_a_report_never_overwrites_a_file(qtbot, problems, reported, tmp_path):
    path = tmp_path / "report.zip"
    path.write_bytes(b"mine")
    problems.write_report(path)
    qtbot.waitUntil(lambda: len(reported) == 2, timeout=LIMIT_MS)
    assert reported[1].startswith(f"The report was not written. {path} already exists")
    assert path.read_bytes() == b"mine"


def test_closing_cancels_a_report_being_written(problems, tmp_path):
    problems.write_report(tmp_path / "report.zip")
    problems.close()
    assert not (tmp_path / "report.zip").exists()
