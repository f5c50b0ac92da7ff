"""The window's player as the bridge uses it: over real sockets, with a fake engine."""

import contextlib

import pytest

from desktop.transport.audition import Audition
from desktop.transport.shared_player import SharedPlayer
from playback.sound_library import NoSound
from tests.bridge.osc_client import TestClient
from tests.fakes.clips import CLIP_ID, clip_of, grid_of
from tests.fakes.embedded_host import EmbeddedHost
from tests.fakes.silent_player import SilentPlayer


class WindowSide(EmbeddedHost):
    """The embedded bridge with the player of a window."""

    def __init__(self, folder, player) -> None:
        self.errors = []
        self.audition = Audition(lambda: player, self.errors.append)
        super().__init__(folder, SharedPlayer(self.audition))

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.audition.close()


@pytest.fixture
def player():
    return SilentPlayer()


@pytest.fixture
def open_side(tmp_path, player):
    with contextlib.ExitStack() as stack:
        yield lambda player=player: stack.enter_context(WindowSide(tmp_path, player))


@pytest.fixture
def side(open_side):
    return open_side()


def put_clip(folder):
    path = folder / f"warm-bass_128bpm_4bars_{CLIP_ID}.wav"
    path.write_bytes(clip_of(grid_of(bars=1)))
    return path


def test_a_preview_plays_through_the_windows_player(side, player, tmp_path):
    path = put_clip(tmp_path)
    with TestClient(side.start()) as client:
        name = "Scarlett 2i2"
        assert client.ask("/lw/set", "device", name) == ("/lw/value", ("device", name))
        assert player.device == name
        assert client.ask("/lw/preview/play", CLIP_ID, 1, 0).address == "/lw/done"
        assert side.audition.playing == path
    side.bridge.stop()
    assert not player.closed
    assert side.audition.playing == path


def test_a_failed_preview_is_answered_and_not_shown_in_the_window(open_side, tmp_path):
    put_clip(tmp_path)
    side = open_side(SilentPlayer(NoSound("no device")))
    with TestClient(side.start()) as client:
        answer = client.ask("/lw/preview/play", CLIP_ID, 1, 0)
    assert answer.arguments[2] == 503
    assert "connect a sound device" in answer.arguments[3]
    assert side.errors == []
