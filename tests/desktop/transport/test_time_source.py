import pytest

from bridge.osc.hosts import HostView, LastSeen
from desktop.transport.time_source import (
    TimeSource,
    daw_name,
    followed,
    names_followed,
    segments,
    source_of,
    time_text,
)
from engine.loops.precedence import SessionTime

LIVE = HostView(93.5, "7/8", "D minor", daw=LastSeen("live", 100.0))


def daw_segment(view, now_s, *, serving=True):
    return segments(view, TimeSource.DAW, now_s, serving=serving)[1]


def test_a_connected_daw_is_shown_with_its_values():
    assert daw_segment(LIVE, 102.0) == ("Live", "good", "Live: 93.5 BPM, 7/8, D minor")


def test_a_silent_daw_is_shown_as_such():
    text, dot, tip = daw_segment(LIVE, 140.0)
    assert (text, dot) == ("Live", "muted")
    assert tip == ("No message from Live for 40 s; its last values stay: 93.5 BPM, 7/8, D minor")


def test_without_a_daw_the_page_is_named_and_without_a_bridge_the_reason():
    text, dot, tip = daw_segment(HostView(), 1.0)
    assert (text, dot) == ("DAW", "muted")  # it is chosen, and nothing is there to be followed
    assert tip.startswith("No DAW has connected yet")
    assert segments(HostView(), TimeSource.INTERNAL, 1.0, serving=True)[1].dot == ""
    assert "of this window is off" in daw_segment(HostView(), 1.0, serving=False).tip


@pytest.mark.parametrize(
    ("name", "shown"),
    (("live", "Live"), ("REAPER", "REAPER"), ("pd", "Pd"), ("", "DAW"), ("x" * 99, "X" + "x" * 23)),
)
def test_a_host_is_shown_by_its_usual_name(name, shown):
    assert daw_name(name) == shown


def test_link_is_alone_until_its_session_has_peers():
    def link(view, chosen=TimeSource.LINK):
        return segments(view, chosen, 100.0, serving=True)[2]

    assert link(HostView()).tip.startswith("Waiting for another program in the Link session")
    heard = link(HostView(tempo=120.0, link=LastSeen("link", 99.0)))
    assert (heard.dot, heard.tip) == ("good", "Link session: 120 BPM")
    assert link(HostView(), TimeSource.INTERNAL).dot == ""


def test_values_the_host_does_not_send_stay():
    time = SessionTime(bpm=120.0, meter="4/4", key="A minor", bars=8)
    view = HostView(tempo=93.5, daw=LastSeen("live", 1.0))
    assert followed(view, time) == SessionTime(bpm=93.5, meter="4/4", key="A minor", bars=8)
    assert names_followed(view) == {"bpm"}
    assert followed(LIVE, time) == SessionTime(bpm=93.5, meter="7/8", key="D minor", bars=8)


def test_an_unknown_source_is_internal():
    assert source_of("ableton") is TimeSource.INTERNAL
    assert source_of("link") is TimeSource.LINK


@pytest.mark.parametrize(("seconds", "text"), ((40, "40 s"), (200, "3 min"), (8_000, "2 h")))
def test_a_duration_is_shown_in_a_suitable_unit(seconds, text):
    assert time_text(seconds) == text
