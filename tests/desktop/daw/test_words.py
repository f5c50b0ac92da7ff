import pytest

from bridge.daws.installation import LIVE, REAPER
from bridge.osc.embedded import BridgeKind, BridgeState
from bridge.osc.hosts import HostView, LastSeen
from desktop.daw.words import ConnectionTest, connection_text, last_seen, programs, state_text


def test_a_daw_is_connected_if_it_is_registered_or_sends_host_messages():
    view = HostView(
        daw=LastSeen("reaper", 5.0), clients=(LastSeen("live", 3.0), LastSeen("Live", 4.0))
    )
    assert (last_seen("live", view), last_seen("reaper", view)) == (4.0, 5.0)
    assert last_seen("live", HostView()) is None


@pytest.mark.parametrize(
    ("last_seen_s", "text"),
    ((None, "not connected yet"), (90.0, "connected"), (60.0, "no message for 40 s")),
)
def test_a_connection_is_judged_by_its_last_message(last_seen_s, text):
    assert connection_text(last_seen_s, 100.0) == text


def test_a_test_succeeds_with_the_first_message():
    test = ConnectionTest(LIVE, 100.0)
    old = HostView(clients=(LastSeen("live", 99.0),))
    assert test.poll(old, 104.0) == "Waiting for Live, 8 s left"
    assert not test.is_over
    new = HostView(clients=(LastSeen("live", 105.0),))
    assert test.poll(new, 105.0) == "Live is connected: it answered after 5 s."
    assert test.is_over


def test_a_failed_test_ends_with_advice():
    test = ConnectionTest(REAPER, 100.0)
    assert test.poll(HostView(), 101.0).endswith("press play in REAPER")
    assert test.poll(HostView(), 112.0) == (
        "No message from REAPER within 12 s: open it, check that its OSC device 'Loopwright' is "
        "on, and press play."
    )
    assert test.is_over


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BridgeKind.STOPPED, "Closed to DAWs"),
        (BridgeKind.STARTING, "Opening to DAWs"),
        (BridgeKind.SERVING, "2 programs connected"),
        (
            BridgeKind.ELSEWHERE,
            "Another Loopwright talks to the DAW; its loops appear here",
        ),
        (BridgeKind.FAILED, "No connection to DAWs"),
    ],
)
def test_the_bridge_state_is_described_briefly(kind, text):
    assert state_text(BridgeState(kind, 9000), 2) == text


def test_the_link_process_of_the_window_is_no_program():
    view = HostView(clients=(LastSeen("link", 3.0), LastSeen("live", 4.0)))
    assert [each.name for each in programs(view)] == ["live"]
