"""The source of time in the real window: what a host says is followed, and bars begin with it."""

import time

import pytest
from PySide6.QtCore import Qt

from desktop.state.settings import Settings
from desktop.transport.time_controller import TimeController
from desktop.transport.time_source import TimeSource
from tests.bridge.osc_client import TestClient
from tests.desktop.window import IdleEngine, put_clip, type_prompt, wait


@pytest.fixture
def engine():
    return IdleEngine()


@pytest.fixture
def desktop(qtbot, open_desktop, engine):
    desktop = open_desktop(make_engine=lambda *_: engine)
    wait(qtbot, lambda: desktop.bridge.state.kind == "serving")
    return desktop


@pytest.fixture
def live(desktop):
    """A DAW that is registered as Live, and says how its session goes."""
    with TestClient(desktop.bridge.state.port) as client:
        client.ask("/lw/register", "live", 0)
        client.send("/lw/host/tempo", 93.5)
        client.send("/lw/host/meter", 7, 8)
        client.send("/lw/host/key", "D minor")
        client.all_before_pong()
        yield client


def choose(qtbot, desktop, source):
    qtbot.mouseClick(desktop.window.transport.source.buttons[source], Qt.MouseButton.LeftButton)


def shown(desktop):
    return {name: value.text() for name, value in desktop.window.transport.values.items()}


def test_a_host_is_announced_once_and_not_followed_automatically(qtbot, desktop, live):
    notices = desktop.window.notices
    wait(qtbot, notices.isVisible)
    assert (
        notices.text.text()
        == "A DAW is sending its tempo: choose it in the transport to follow it."
    )
    assert shown(desktop)["bpm"] == "120.00"
    button = desktop.window.transport.source.buttons[TimeSource.DAW]
    assert (button.text(), button.dot) == ("Live", "good")
    notices.hide()
    live.send("/lw/host/tempo", 94.0)
    wait(qtbot, lambda: "94 BPM" in button.toolTip())
    assert not notices.isVisible()


def test_tempo_meter_and_key_follow_the_host_while_it_is_chosen(qtbot, desktop, live):
    choose(qtbot, desktop, TimeSource.DAW)
    wait(qtbot, lambda: shown(desktop)["bpm"] == "93.50")
    assert (shown(desktop)["meter"], shown(desktop)["key"]) == ("7/8", "D minor")
    values = desktop.window.transport.values
    assert [name for name, value in values.items() if value.isEnabled()] == ["bars"]
    assert "choose Own tempo to edit it here" in values["bpm"].toolTip()
    live.send("/lw/host/tempo", 128.37)
    wait(qtbot, lambda: shown(desktop)["bpm"] == "128.37")
    choose(qtbot, desktop, TimeSource.INTERNAL)
    assert values["bpm"].isEnabled()
    assert "choose Own tempo" not in values["bpm"].toolTip()
    live.send("/lw/host/tempo", 60.0)
    live.all_before_pong()
    qtbot.wait(250)  # the window has looked at the bridge since
    assert shown(desktop)["bpm"] == "128.37"


def test_choosing_a_daw_that_is_not_there_says_so(qtbot, desktop):
    choose(qtbot, desktop, TimeSource.DAW)
    wait(qtbot, desktop.window.notices.isVisible)
    assert "the tempo stays as it is set here" in desktop.window.notices.text.text()
    assert desktop.window.transport.values["bpm"].isEnabled()
    choose(qtbot, desktop, TimeSource.INTERNAL)
    wait(qtbot, lambda: not desktop.window.notices.isVisible())


@pytest.mark.usefixtures("live")
def test_a_loop_is_requested_in_the_hosts_time(qtbot, desktop, engine):
    choose(qtbot, desktop, TimeSource.DAW)
    wait(qtbot, lambda: shown(desktop)["bpm"] == "93.50")
    type_prompt(qtbot, desktop, "round sub bass, sparse")
    (request,) = engine.requests
    assert (request.bpm, request.meter) == (93.5, "7/8")


def test_an_audition_starts_on_the_hosts_next_bar_while_it_is_chosen(qtbot, desktop, live, player):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    live.send("/lw/host/play", 1)
    live.send("/lw/host/beat", 0)
    live.all_before_pong()

    def start(source):
        choose(qtbot, desktop, source)
        begun = len(player.played)
        desktop.window.transport.play_clicked.emit()
        wait(qtbot, lambda: len(player.played) > begun)
        at_s, now_s = player.starts_at_s[-1], time.monotonic()
        desktop.window.transport.play_clicked.emit()
        wait(qtbot, lambda: player.playing is None)
        return at_s, now_s

    assert start(TimeSource.INTERNAL)[0] is None
    at_s, now_s = start(TimeSource.DAW)
    bar_s = 3.5 * 60 / 93.5
    assert now_s - 5 < at_s <= now_s + bar_s
    live.send("/lw/host/stop")
    live.all_before_pong()
    assert start(TimeSource.DAW)[0] is None


def test_the_chosen_time_source_is_restored(qtbot, open_desktop, desktop, engine):
    choose(qtbot, desktop, TimeSource.DAW)
    assert desktop.settings.time_source == "daw"
    second = open_desktop(Settings(time_source="daw"), make_engine=lambda *_: engine)
    wait(qtbot, second.window.transport.source.buttons[TimeSource.DAW].isChecked)


class BrokenLink:
    """A process of Link that ends by itself."""

    def __init__(self, port):
        self.port = port

    def fault(self):
        return "Link is not installed: pip install 'loopwright[link]'."

    def close(self):
        raise AssertionError("it has ended already")


def test_a_failing_link_is_reported_and_the_time_is_internal(qtbot, desktop):
    settings = Settings(time_source="link")
    desk = TimeController(
        desktop.window.transport, desktop.bridge, desktop.notices, settings, BrokenLink
    )
    desk.refresh(desktop.bridge.view())
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text().startswith("Link is not installed")
    assert settings.time_source == "internal"
    desk.close()


def test_a_link_session_is_followed_and_a_daw_beside_it_is_not(qtbot, desktop, live):
    link = pytest.importorskip("link", reason="needs the extra 'link', which is GPL")
    peer = link.Link(97.25)
    peer.enabled = True
    try:
        choose(qtbot, desktop, TimeSource.LINK)
        wait(qtbot, lambda: peer.numPeers() == 1)
        state = peer.captureAppSessionState()
        state.setTempo(97.25, peer.clock().micros())
        peer.commitAppSessionState(state)
        wait(qtbot, lambda: shown(desktop)["bpm"] == "97.25")
        live.send("/lw/host/tempo", 60.0)
        live.all_before_pong()
        assert live.ask("/lw/get", "tempo").arguments == ("tempo", 97.25)
        assert desktop.window.transport.source.buttons[TimeSource.LINK].dot == "good"
        choose(qtbot, desktop, TimeSource.INTERNAL)
        wait(qtbot, lambda: [each.name for each in desktop.bridge.view().clients] == ["live"])
    finally:
        peer.enabled = False
