"""The window's player as the bridge uses it: over real sockets, with a fake engine."""

import threading
import time

import pytest

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.engine_events import EngineEvents
from desktop.transport.audition import Audition
from desktop.transport.shared_player import SharedPlayer
from playback.player import NoSound
from tests.bridge.osc_client import PATIENCE_S, TestClient
from tests.fakes.bridge import FakeEngine
from tests.fakes.clips import CLIP_ID, clip_of, grid_of
from tests.fakes.silent_player import SilentPlayer


def until(condition):
    end, waiter = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        assert time.monotonic() < end
        waiter.wait(0.01)


class WindowSide:
    """What a window has of it."""

    def __init__(self, folder, player) -> None:
        self.errors = []
        self.audition = Audition(lambda: player, self.errors.append)
        self.player = SharedPlayer(self.audition)
        self.host = EmbeddedBridge(
            FakeEngine(), self.player, EngineEvents(), folder, lambda *_job: None, 0
        )

    def start(self):
        self.host.start()
        until(lambda: self.host.state.kind is not BridgeKind.STARTING)
        return self.host.state.port

    def close(self):
        self.host.stop()
        self.audition.close()


@pytest.fixture
def player():
    return SilentPlayer()


@pytest.fixture
def open_side(tmp_path, player):
    opened = []

    def open_(player=player):
        opened.append(WindowSide(tmp_path, player))
        return opened[-1]

    yield open_
    for side in opened:
        side.close()


@pytest.fixture
def side(open_side):
    return open_side()


def put_clip(folder):
    path = folder / f"warm-bass_128bpm_4bars_{CLIP_ID}.wav"
    path.write_bytes(clip_of(grid_of(bars=1)))
    return path


def test_a_preview_is_heard_through_the_player_of_the_window(side, player, tmp_path):
    path = put_clip(tmp_path)
    with TestClient(side.start()) as client:
        name = "Scarlett 2i2"
        assert client.ask("/lw/set", "device", name) == ("/lw/value", ("device", name))
        assert player.device == name
        assert client.ask("/lw/preview/play", CLIP_ID, 1, 0).address == "/lw/done"
        assert side.audition.playing == path
    side.host.stop()
    assert not player.closed
    assert side.audition.playing == path


def test_a_preview_that_cannot_be_heard_is_answered_and_not_told_to_the_window(open_side, tmp_path):
    put_clip(tmp_path)
    side = open_side(SilentPlayer(NoSound("no device")))
    with TestClient(side.start()) as client:
        answer = client.ask("/lw/preview/play", CLIP_ID, 1, 0)
    assert answer.arguments[2] == 503
    assert "connect a sound device" in answer.arguments[3]
    assert side.errors == []
