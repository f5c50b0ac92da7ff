"""The DAW page in the real window: installing, listening, the bridge's messages."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from bridge.osc.messages import build
from bridge.osc.traffic import MOST_KEPT
from desktop.state.settings import Settings
from tests.bridge.osc_client import TestClient
from tests.desktop.window import needs_real_engine, wait, without_engine


@pytest.fixture
def folders(tmp_path):
    """Where Live and REAPER keep their files."""
    found = {"live": tmp_path / "Remote Scripts", "reaper": tmp_path / "REAPER"}
    for folder in found.values():
        folder.mkdir()
    return found


@pytest.fixture
def make_engine():
    return without_engine


@pytest.fixture
def desktop(qtbot, open_desktop, folders, make_engine):
    found = {name: str(folder) for name, folder in folders.items()}
    desktop = open_desktop(Settings(daw_folders=found), make_engine=make_engine)
    wait(qtbot, lambda: desktop.bridge.state.kind == "serving")
    return desktop


@pytest.fixture
def page(qtbot, desktop):
    qtbot.mouseClick(desktop.window.transport.daw_button, Qt.MouseButton.LeftButton)
    page = desktop.daw.page.page
    for card in page.cards.values():
        wait(qtbot, card.install.isVisible)
    page.messages.fold.click()
    return page


@pytest.fixture
def client(desktop):
    with TestClient(desktop.bridge.state.port) as client:
        yield client


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_key_opens_the_page_and_escape_closes_it(desktop):
    action = desktop.window.findChild(QAction, "open_daw")
    action.trigger()
    assert desktop.window.pages.page_id == "daw"
    desktop.window.findChild(QAction, "close_page").trigger()
    assert desktop.window.pages.page_id == ""


@pytest.mark.parametrize("daw", ("live", "reaper"))
def test_a_script_is_installed_updated_and_removed(qtbot, page, folders, daw):
    card, folder = page.cards[daw], folders[daw]
    assert card.install.text() == "Install"
    assert not card.steps.isVisible()
    click(qtbot, card.install)
    wait(qtbot, card.uninstall.isVisible)
    assert "Wrote" in card.result.text()
    assert card.steps.isVisible()
    assert card.steps.text().startswith("1. ")
    assert [path for path in folder.rglob("*") if path.suffix in (".py", ".lua")]
    click(qtbot, card.uninstall)
    wait(qtbot, card.install.isVisible)
    assert not any(folder.rglob("*.py"))
    assert not any(folder.rglob("*.lua"))


def test_an_outdated_script_is_updated(qtbot, desktop, page, folders):
    card = page.cards["live"]
    click(qtbot, card.install)
    wait(qtbot, card.uninstall.isVisible)
    script = folders["live"] / "Loopwright" / "script.py"
    newest = script.read_text()
    script.write_text("of an earlier version")
    desktop.daw.page.toggle()
    desktop.daw.page.toggle()
    wait(qtbot, card.install.isVisible)
    assert card.install.text() == "Update"
    assert "an update is available" in card.facts.text()
    click(qtbot, card.install)
    wait(qtbot, lambda: not card.install.isVisible())
    assert script.read_text() == newest


def test_a_failed_installation_is_explained_on_the_card(qtbot, page, folders):
    (folders["reaper"] / "OSC").mkdir()
    (folders["reaper"] / "OSC" / "Loopwright.ReaperOSC").write_text("mine")
    card = page.cards["reaper"]
    click(qtbot, card.install)
    wait(qtbot, card.result.isVisible)
    assert "was not installed by Loopwright: move it away" in card.result.text()


def test_another_folder_can_be_chosen_and_is_remembered(
    qtbot, open_desktop, folders, tmp_path, monkeypatch
):
    settings = Settings(daw_folders={"live": str(tmp_path / "none" / "none")})
    desktop = open_desktop(settings)
    desktop.window.transport.daw_button.click()
    card = desktop.daw.page.page.cards["live"]
    wait(qtbot, card.folder.isVisible)
    assert card.facts.text() == "not found; if it is on this machine, choose its folder"
    answer = str(folders["live"])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: answer)
    click(qtbot, card.folder)
    wait(qtbot, card.install.isVisible)
    assert settings.daw_folders["live"] == answer


def test_a_connected_daw_shows_no_more_steps(qtbot, page, client):
    card = page.cards["live"]
    click(qtbot, card.install)
    wait(qtbot, card.steps.isVisible)
    click(qtbot, card.test)
    wait(qtbot, lambda: card.result.text().startswith("Waiting for Live"))
    assert page.connection.name.text() == "No DAW is connected yet"
    client.ask("/lw/register", "live", 0)
    client.send("/lw/host/tempo", 93.5)
    wait(qtbot, lambda: card.result.text().startswith("Live is connected"))
    wait(qtbot, lambda: page.connection.name.text() == "Live is in time with you")
    assert page.connection.values["tempo"].text() == "93.50"
    assert card.facts.text().endswith("is installed · connected")
    assert not card.steps.isVisible()
    assert page.messages.facts.text().endswith(" · live")


def test_reaper_is_recognised_by_its_beat_messages(qtbot, page, client):
    card = page.cards["reaper"]
    click(qtbot, card.install)
    wait(qtbot, card.steps.isVisible)
    client.send("/lw/host/beat", "3.1.00")
    wait(qtbot, lambda: card.facts.text().endswith("· connected"))


@needs_real_engine
def test_the_bridge_can_be_stopped_and_started_and_a_test_needs_it(qtbot, desktop, page):
    wait(qtbot, lambda: desktop.window.status.is_ready)
    click(qtbot, page.connection.button)
    wait(qtbot, lambda: page.connection.button.text() == "Open to DAWs")
    assert desktop.bridge.state.kind == "stopped"
    page.test_clicked.emit("live")
    assert page.cards["live"].result.text() == "Choose Open to DAWs first."
    click(qtbot, page.connection.button)
    wait(qtbot, lambda: page.connection.button.text() == "Close to DAWs")
    with TestClient(desktop.bridge.state.port) as client:
        assert client.ask("/lw/ping").arguments[2] == "ready"


def shown(page):
    items = page.traffic.table.model()
    return [items.index(row, 2).data() for row in range(items.rowCount())]


def test_messages_are_shown_live_and_can_be_paused_cleared_and_copied(qtbot, page, client):
    client.ask("/lw/ping")
    wait(qtbot, lambda: shown(page) == ["/lw/ping", "/lw/pong"])
    click(qtbot, page.traffic.copy)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split()[1:3] for line in lines] == [["in", "/lw/ping"], ["out", "/lw/pong"]]
    click(qtbot, page.traffic.pause)
    client.ask("/lw/get", "tempo")
    click(qtbot, page.traffic.clear)
    assert shown(page) == []
    click(qtbot, page.traffic.pause)
    client.ask("/lw/get", "bars")
    wait(qtbot, lambda: shown(page) == ["/lw/get", "/lw/value"])


def test_a_flood_keeps_only_the_last_messages_and_a_responsive_window(qtbot, desktop, page, client):
    for number in range(20_000):
        client.send_bytes(build("/lw/host/beat", number))

    def is_answered():  # what does not fit into the socket's buffer is lost: ask again
        client.send("/lw/get", "tempo")
        return client.next_soon() is not None

    wait(qtbot, is_answered)
    wait(qtbot, lambda: shown(page)[-1:] == ["/lw/value"])
    assert len(shown(page)) == MOST_KEPT
    assert page.traffic.table.at_end
    assert desktop.window.isVisible()


def test_messages_without_effect_are_counted(qtbot, page, client):
    client.send_bytes(b"no message")
    wait(qtbot, lambda: page.messages.facts.text().endswith(" · 1 without effect"))
