"""Choosing where loops are made, with a real sshd on loopback and the real relay."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from desktop.app.engine_controller import kept_engine
from desktop.app.engine_trial import Outcome, outcome_of
from desktop.state.settings import Settings
from engine.entry_points import ENGINE_VARIABLE, engine_elsewhere
from tests.desktop.window import answer_questions, type_prompt, wait
from tests.fakes.sshd import needs_sshd, running_box

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The variable that the window sets, as it was before each test."""
    monkeypatch.setenv(ENGINE_VARIABLE, "local")


@pytest.fixture
def box(tmp_path, monkeypatch):
    folder = tmp_path / "ssh"
    folder.mkdir()
    with running_box(folder) as box:
        monkeypatch.setenv("PATH", box.path)
        yield box


def open_sheet(desktop):
    desktop.window.findChild(QAction, "choose_engine").trigger()
    QApplication.processEvents()  # until all of it has its place
    return desktop._place.sheet


def type_address(qtbot, sheet, text):
    qtbot.mouseClick(sheet.way.buttons["elsewhere"], LEFT)
    QApplication.processEvents()
    sheet.address.selectAll()
    qtbot.keyClicks(sheet.address, text)


@needs_sshd
def test_another_machine_is_tried_used_and_left_again(qtbot, open_desktop, box):
    desktop = open_desktop()
    wait(qtbot, desktop.is_ready)
    sheet = open_sheet(desktop)
    type_address(qtbot, sheet, "ssh://nowhere")
    assert not sheet.use.isEnabled()
    qtbot.keyClick(sheet.address, Qt.Key.Key_Return)  # tries it
    wait(qtbot, lambda: "nowhere cannot be reached" in sheet.said.text())
    assert not sheet.use.isEnabled()
    type_address(qtbot, sheet, box.place)
    qtbot.mouseClick(sheet.trial, LEFT)
    wait(qtbot, lambda: sheet.said.text().startswith("It works."))
    qtbot.mouseClick(sheet.use, LEFT)
    status = desktop.window.status
    wait(qtbot, lambda: status.engine.text() == "Ready to make loops on box")
    type_prompt(qtbot, desktop, "house drums, 1 bar")
    wait(qtbot, lambda: desktop.collection.total == 1)
    assert box.connections() > 0
    assert desktop.settings.engine == box.place
    models = desktop.models
    models.toggle_page()
    wait(qtbot, lambda: models.states.row("sketch").is_there)
    card = models.page.cards["sketch"]
    assert "Loops are made on box" in models.page.where.text()
    assert (card.used.isVisible(), models.page.add_button.isVisible()) == (True, False)
    assert card.parentWidget().heading.text() == "On box"
    models.toggle_page()
    desktop.window.prompt_panel.prompt.setPlainText("house drums, 64 bars")
    desktop.window.prompt_panel.takes.show_value(16)
    qtbot.keyClick(desktop.window.prompt_panel.prompt, Qt.Key.Key_Return)
    wait(qtbot, lambda: len(desktop.open_jobs) == 1)
    asked = answer_questions("Cancel them")
    sheet = open_sheet(desktop)
    qtbot.mouseClick(sheet.way.buttons["here"], LEFT)
    qtbot.mouseClick(sheet.use, LEFT)
    assert asked == ["Loops are still being made. To move the engine cancels them."]
    wait(qtbot, lambda: status.engine.text() == "Ready to make loops")
    wait(qtbot, lambda: not len(desktop.open_jobs))
    assert engine_elsewhere() is None
    wait(qtbot, lambda: not models.states.row("sketch").is_there)
    models.toggle_page()
    heading = models.page.cards["sketch"].parentWidget().heading
    assert (models.page.where.isHidden(), heading.text()) == (True, "On this computer")


def test_a_flag_overrides_what_is_kept_and_the_panel_says_so(qtbot, open_desktop):
    desktop = open_desktop(stated_engine="local")
    sheet = open_sheet(desktop)
    assert "--engine" in sheet.stated.text()
    type_address(qtbot, sheet, "box")
    qtbot.mouseClick(sheet.trial, LEFT)
    assert "'ssh://box' or 'ray://head'" in sheet.said.text()
    sheet.show_result("box", "It works.", works=True)
    qtbot.mouseClick(sheet.use, LEFT)
    assert desktop.settings.engine == "box"
    assert os.environ[ENGINE_VARIABLE] == "local"


def test_what_is_kept_is_used_at_the_start_unless_it_is_no_address():
    assert kept_engine(Settings(engine="ssh://box")) == ""
    assert engine_elsewhere() == "ssh://box"
    settings = Settings(engine="ftp://box")
    assert "'ftp://box'" in kept_engine(settings)
    assert (settings.engine, engine_elsewhere()) == ("", None)


def test_a_trial_without_an_answer_says_what_was_printed():
    assert outcome_of(b"", b"no such program\n") == Outcome(works=False, text="no such program")
    assert not outcome_of(b"garbage\n{}\n", b"").works
