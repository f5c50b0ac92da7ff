"""Ableton Link: the tempo and beat of a session of two real peers reach the bridge."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.daws.link import intended_tempo

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60


@contextlib.contextmanager
def link_process(port):
    command = [sys.executable, "-P", "-m", "bridge.daws.link", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.stdin.close()
            assert process.wait(PATIENCE_S) == 0


@pytest.fixture
def link():
    return pytest.importorskip("link", reason="needs the extra 'link', which is GPL")


@pytest.fixture
def peer(link):
    """Another program in the session, which sets its tempo."""
    session = link.Link(120)
    session.enabled = True
    yield session
    session.enabled = False


def set_tempo(peer, bpm):
    state = peer.captureAppSessionState()
    state.setTempo(bpm, peer.clock().micros())
    peer.commitAppSessionState(state)


def test_the_host_gets_tempo_and_beat_of_the_link_session(bridge, client, peer):
    with link_process(bridge.port):
        end = time.monotonic() + PATIENCE_S
        while not peer.numPeers():
            assert time.monotonic() < end
        set_tempo(peer, 97.25)
        while client.ask("/lw/get", "tempo").arguments[1] != 97.25:
            assert time.monotonic() < end
        session = bridge.server.router.session
        while session.beat is None:
            assert time.monotonic() < end
        beat, at_s = session.beat
        ago_us = (time.monotonic() - at_s) * 1e6
        now_us = peer.clock().micros()
        expected = peer.captureAppSessionState().beatAtTime(int(now_us - ago_us), 4.0)
        assert abs((float(beat) - expected + 2) % 4 - 2) < 0.25
        assert session.is_playing


@pytest.mark.parametrize("bpm", (120.0, 97.25, 93.5, 128.37, 61.0, 399.9, 20.001))
def test_a_float_tempo_is_read_as_the_intended_decimal(bpm):
    assert intended_tempo(60e6 / round(60e6 / bpm)) == bpm


@pytest.mark.usefixtures("link")
def test_nothing_is_reported_without_peers(bridge, client):
    with link_process(bridge.port):
        assert client.ask("/lw/get", "tempo").arguments == ("tempo", 0.0)
    assert client.ask("/lw/get", "tempo").arguments == ("tempo", 0.0)
