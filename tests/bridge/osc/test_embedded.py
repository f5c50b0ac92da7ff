"""The bridge of a window: on real sockets, with a fake engine and the window's own player."""

import threading
import time

import pytest

from bridge.osc.engine_events import EngineEvents
from desktop.daw.bridge_host import ELSEWHERE, FAILED, SERVING, STOPPED, BridgeHost, state_text
from desktop.transport.audition import Audition
from desktop.transport.shared_player import SharedPlayer
from engine.protocol import Ready
from engine.version import VERSION
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

    def __init__(self, folder, player, port=0) -> None:
        self.engine, self.events = FakeEngine(), EngineEvents()
        self.errors, self.jobs = [], []
        self.audition = Audition(lambda: player, self.errors.append)
        self.player = SharedPlayer(self.audition)
        self.host = BridgeHost(
            self.engine, self.player, self.events, folder, lambda *job: self.jobs.append(job), port
        )

    def start(self):
        self.host.start()
        until(lambda: self.host.state.kind != "starting")
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

    def open_(player=player, port=0):
        opened.append(WindowSide(tmp_path, player, port))
        return opened[-1]

    yield open_
    for side in opened:
        side.close()


@pytest.fixture
def side(open_side):
    return open_side()


def test_the_first_to_bind_the_port_serves_and_a_second_window_runs_without(open_side, side):
    port = side.start()
    assert side.host.state.kind == SERVING
    second = open_side(port=port)
    second.start()
    assert second.host.state.kind == ELSEWHERE
    assert "another bridge" in state_text(second.host.state, 0)
    side.host.stop()
    assert side.host.state.kind == STOPPED
    second.start()
    assert second.host.state.kind == SERVING


def test_an_address_that_cannot_be_had_is_a_reason(open_side):
    side = open_side(port=99_999)
    side.start()
    assert side.host.state.kind == FAILED
    assert side.host.state.reason.startswith("The bridge cannot listen")


def test_who_asked_for_a_job_is_told(side):
    with TestClient(side.start()) as client:
        client.ask("/lw/register", "live", 0)
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
        assert [each.name for each in side.host.view().clients] == ["live"]
    (job,) = side.jobs
    assert (job[0], job[1].prompt, job[2]) == ("job-1", "dusty drums", "live")


def test_a_bridge_that_is_started_again_knows_the_engine_is_ready(side):
    side.start()
    side.host.stop()
    side.events.on_event(Ready(protocol=1, version=VERSION, pid=1))
    with TestClient(side.start()) as client:
        assert client.ask("/lw/ping").arguments[2] == "ready"


def test_clips_go_to_the_project_that_the_window_shows(side, tmp_path):
    with TestClient(side.start()) as client:
        refused = client.ask("/lw/set", "project", "Album")
        assert refused.arguments == (
            "/lw/set", "", 409, "The window shows its own project: open 'Album' there."
        )  # fmt: skip
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
    assert side.engine.folders == [tmp_path]


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


def test_what_goes_in_and_out_is_noted(side):
    with TestClient(side.start()) as client:
        client.ask("/lw/ping")
        noted = side.host.traffic.since(0)
    assert [(each.came_in, each.endpoint.port) for each in noted] == [
        (True, client.port), (False, client.port),
    ]  # fmt: skip
