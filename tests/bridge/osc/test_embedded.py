"""The bridge inside another program: on real sockets, with a fake engine and a fake player."""

import threading
import time

import pytest

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.engine_events import EngineEvents
from engine.protocol import Ready
from engine.version import VERSION
from tests.bridge.osc_client import PATIENCE_S, TestClient
from tests.fakes.bridge import FakeEngine, FakePlayer


def until(condition):
    end, waiter = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        assert time.monotonic() < end
        waiter.wait(0.01)


class Host:
    """A bridge with what its program gives it."""

    def __init__(self, folder, port=0) -> None:
        self.engine, self.events = FakeEngine(), EngineEvents()
        self.jobs = []
        self.bridge = EmbeddedBridge(
            self.engine, FakePlayer(), self.events, folder, lambda *job: self.jobs.append(job), port
        )

    def start(self):
        self.bridge.start()
        until(lambda: self.bridge.state.kind is not BridgeKind.STARTING)
        return self.bridge.state.port

    def close(self):
        self.bridge.stop()


@pytest.fixture
def open_side(tmp_path):
    opened = []

    def open_(port=0):
        opened.append(Host(tmp_path, port))
        return opened[-1]

    yield open_
    for side in opened:
        side.close()


@pytest.fixture
def side(open_side):
    return open_side()


def test_the_first_to_bind_the_port_serves_and_a_second_window_runs_without(open_side, side):
    port = side.start()
    assert side.bridge.state.kind == BridgeKind.SERVING
    second = open_side(port=port)
    second.start()
    assert second.bridge.state.kind == BridgeKind.ELSEWHERE
    side.bridge.stop()
    assert side.bridge.state.kind == BridgeKind.STOPPED
    second.start()
    assert second.bridge.state.kind == BridgeKind.SERVING


def test_an_address_that_cannot_be_had_is_a_reason(open_side):
    side = open_side(port=99_999)
    side.start()
    assert side.bridge.state.kind == BridgeKind.FAILED
    assert side.bridge.state.reason.startswith("The bridge cannot listen")


def test_the_observer_gets_the_client_of_a_job(side):
    with TestClient(side.start()) as client:
        client.ask("/lw/register", "live", 0)
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
        assert [each.name for each in side.bridge.view().clients] == ["live"]
    (job,) = side.jobs
    assert (job[0], job[1].prompt, job[2]) == ("job-1", "dusty drums", "live")


def test_a_bridge_that_is_started_again_knows_the_engine_is_ready(side):
    side.start()
    side.bridge.stop()
    side.events.on_event(Ready(protocol=1, version=VERSION, pid=1))
    with TestClient(side.start()) as client:
        assert client.ask("/lw/ping").arguments[2] == "ready"


def test_clips_go_to_the_project_that_the_window_shows(side, tmp_path):
    with TestClient(side.start()) as client:
        refused = client.ask("/lw/set", "project", "Album")
        assert refused.arguments == (
            "/lw/set", "", 409, "The bridge uses the project of the window: open 'Album' there."
        )  # fmt: skip
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
    assert side.engine.folders == [tmp_path]


def test_what_goes_in_and_out_is_noted(side):
    with TestClient(side.start()) as client:
        client.ask("/lw/ping")
        noted = side.bridge.traffic.since(0)
    assert [(each.came_in, each.endpoint.port) for each in noted] == [
        (True, client.port), (False, client.port),
    ]  # fmt: skip
