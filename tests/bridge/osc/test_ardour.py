"""Ardour as a host: recorded feedback of Ardour 7.3."""

import ast
import re
from fractions import Fraction
from pathlib import Path

import pytest

TRANSCRIPT = Path(__file__).with_name("ardour.txt")


def datagrams():
    lines = TRANSCRIPT.read_text("utf-8").splitlines()
    return [ast.literal_eval(line) for line in lines if not line.startswith("#")]


def test_ardour_feedback_sets_the_host_playhead(bridge, client):
    session, recorded = bridge.server.router.session, datagrams()
    client.ask("/lw/set", "tempo", 120.0)
    positions = [i for i, each in enumerate(recorded) if each.startswith(b"/position/bbt")]
    end = positions[-1] + 1
    for datagram in recorded[:end]:
        client.send_bytes(datagram)
    assert client.all_before_pong() == []
    assert session.is_playing
    bar, beat, ticks = (int(number) for number in re.findall(rb"\d+", recorded[end - 1]))
    assert session.beat.quarters == (bar - 1) * 4 + beat - 1 + Fraction(ticks, 1920)
    assert session.seconds_to_next_bar(session.beat.at_s) == pytest.approx(
        (-float(session.beat.quarters) % 4) / 2
    )
    assert client.ask("/lw/get", "host").arguments == ("host", "ardour")
    for datagram in recorded[end:]:
        client.send_bytes(datagram)
    assert client.all_before_pong() == []
    assert not session.is_playing
