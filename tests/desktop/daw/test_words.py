import pytest

from bridge.daws.installation import LIVE, REAPER
from bridge.osc.embedded import BridgeKind, BridgeState
from bridge.osc.hosts import HostView, LastSeen
from desktop.daw.words import ConnectionTest, heard_at, state_text, talk_text


def test_a_daw_is_heard_where_it_is_registered_or_speaks_as_a_host():
    view = HostView(
        daw=LastSeen("reaper", 5.0), clients=(LastSeen("live", 3.0), LastSeen("Live", 4.0))
    )
    assert (heard_at("live", view), heard_at("reaper", view)) == (4.0, 5.0)
    assert heard_at("live", HostView()) is None


@pytest.mark.parametrize(
    ("heard_at_s", "text"),
    ((None, "not heard yet"), (90.0, "talks"), (60.0, "silent for 40 s")),
)
def test_whether_somebody_talks_is_said_by_when_it_was_heard(heard_at_s, text):
    assert talk_text(heard_at_s, 100.0) == text


def test_a_test_ends_well_with_the_first_word():
    test = ConnectionTest(LIVE, 100.0)
    old = HostView(clients=(LastSeen("live", 99.0),))
    assert test.look(old, 104.0) == "Listening for Live for 8 s"
    assert not test.is_over
    new = HostView(clients=(LastSeen("live", 105.0),))
    assert test.look(new, 105.0) == "Live talks: it was heard 5 s after asking."
    assert test.is_over


def test_a_test_in_vain_ends_with_what_to_do():
    test = ConnectionTest(REAPER, 100.0)
    assert test.look(HostView(), 101.0).endswith("press play there")
    assert test.look(HostView(), 112.0) == (
        "Nothing was heard from REAPER in 12 s: open it, see that its OSC device 'Loopwright' is "
        "on, and press play."
    )
    assert test.is_over


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BridgeKind.STOPPED, "OSC off"),
        (BridgeKind.STARTING, "OSC starting"),
        (BridgeKind.SERVING, "OSC 127.0.0.1:9000 · 2 clients"),
        (
            BridgeKind.ELSEWHERE,
            "OSC: another bridge serves 127.0.0.1:9000; its clips appear here",
        ),
        (BridgeKind.FAILED, "OSC failed"),
    ],
)
def test_the_state_of_the_bridge_in_a_few_words(kind, text):
    assert state_text(BridgeState(kind, 9000), 2) == text
