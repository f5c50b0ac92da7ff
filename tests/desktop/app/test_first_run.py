"""What an empty project offers: examples, and the DAWs that were found."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from bridge.daws.installation import REAPER, install
from desktop.state.settings import Settings
from tests.desktop.window import wait

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def reaper(tmp_path, monkeypatch):
    """REAPER's resource folder in a home of its own, as if REAPER had been started once."""
    if sys.platform != "linux":
        pytest.skip("the place of REAPER's folder is that of Linux downloaded")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / ".config" / "REAPER"
    folder.mkdir(parents=True)
    return folder


def offered(desktop):
    return desktop.window.empty.daw_card.isVisible()


def settled(qtbot, desktop):
    """Wait until the disk has been looked at, for models and for DAWs."""
    wait(qtbot, lambda: desktop.models.states.row("sketch").state == "built in")
    wait(qtbot, lambda: desktop.window.status.is_ready)


@pytest.mark.usefixtures("reaper")
def test_an_installed_daw_is_offered_for_connection(qtbot, desktop):
    wait(qtbot, lambda: offered(desktop))
    empty = desktop.window.empty
    assert empty.daw_text.text().startswith("REAPER is on this computer.")
    connect, _ = empty.daw_buttons
    qtbot.mouseClick(connect, LEFT)
    assert desktop.window.pages.page_id == "daw"


@pytest.mark.usefixtures("reaper")
def test_not_now_is_remembered(qtbot, open_desktop):
    first = open_desktop()
    wait(qtbot, lambda: offered(first))
    _, not_now = first.window.empty.daw_buttons
    qtbot.mouseClick(not_now, LEFT)
    assert not offered(first)
    assert first.settings.daws_not_offered == ["reaper"]
    second = open_desktop(first.settings)
    settled(qtbot, second)
    assert not offered(second)


def test_a_daw_that_is_already_connected_is_not_offered(qtbot, open_desktop, reaper):
    install(REAPER, reaper, "return {}")
    desktop = open_desktop()
    settled(qtbot, desktop)
    assert not offered(desktop)


def test_nothing_is_offered_without_a_daw(qtbot, open_desktop, reaper):
    reaper.rmdir()
    desktop = open_desktop(Settings())
    settled(qtbot, desktop)
    assert not offered(desktop)


def test_three_kinds_of_loops_are_one_click_away_and_more_models_too(qtbot, desktop):
    empty = desktop.window.empty
    said = [part.text() for part in empty.findChildren(QLabel) if part.isVisible()]
    for text in ("Make your first loop", "A beat", "Harmony", "Low end", "Ask", "Choose", "Play"):
        assert text in said
    qtbot.mouseClick(empty.models_button, LEFT)
    assert desktop.window.pages.page_id == "models"
    desktop.window.pages.go_home()
    wait(qtbot, desktop.is_ready)
    qtbot.mouseClick(empty.examples[0], LEFT)
    wait(qtbot, lambda: [row.shown_role for row in desktop.collection.shown] == ["drums"])
