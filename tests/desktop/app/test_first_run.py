"""What an empty project offers: examples, models, and the DAWs that were found."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from bridge.daws.installation import REAPER, install
from desktop.state.settings import Settings
from tests.desktop.window import wait
from tests.fakes import checkpoints
from tests.fakes.checkpoints import write

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


def test_a_download_is_offered_with_size_and_licence_and_opens_the_page(qtbot, desktop):
    empty = desktop.window.empty
    assert empty.models_card.isVisible()
    reported = " ".join(part.text() for part in empty.models_card.findChildren(QLabel))
    for fact in ("MusicLDM", "2.0 GB", "MusicGen small", "2.3 GB", "not for commercial use"):
        assert fact in reported
    qtbot.mouseClick(empty.models_button, LEFT)
    assert desktop.window.pages.page_id == "models"


def test_no_download_is_offered_if_a_model_is_installed(qtbot, desktop, tmp_path):
    desktop.models.page.folder_chosen.emit(write(tmp_path / "mine", checkpoints.musicgen()))
    wait(qtbot, lambda: not desktop.window.empty.models_card.isVisible())
    assert desktop.models.states.row("mine").usable
