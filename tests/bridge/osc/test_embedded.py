"""The bridge inside another program: on real sockets, with a fake engine and a fake player."""

import contextlib

import pytest

from bridge.osc.embedded import BridgeKind
from engine.protocol import Ready
from engine.version import VERSION
from tests.bridge.osc_client import TestClient
from tests.fakes.bridge import FakePlayer
from tests.fakes.embedded_host import EmbeddedHost


@pytest.fixture
def open_host(tmp_path):
    """Call it for another program with a bridge, on the same folder."""
    with contextlib.ExitStack() as stack:
        yield lambda port=0: stack.enter_context(EmbeddedHost(tmp_path, FakePlayer(), port))


@pytest.fixture
def host(open_host):
    return open_host()


def test_only_the_first_window_to_bind_the_port_serves(open_host, host):
    port = host.start()
    assert host.bridge.state.kind == BridgeKind.SERVING
    second = open_host(port=port)
    second.start()
    assert second.bridge.state.kind == BridgeKind.ELSEWHERE
    host.bridge.stop()
    assert host.bridge.state.kind == BridgeKind.STOPPED
    second.start()
    assert second.bridge.state.kind == BridgeKind.SERVING


def test_an_address_that_cannot_be_bound_is_reported(open_host):
    host = open_host(port=99_999)
    host.start()
    assert host.bridge.state.kind == BridgeKind.FAILED
    assert host.bridge.state.reason.startswith("The bridge cannot listen")


def test_the_observer_is_given_the_client_of_a_job(host):
    with TestClient(host.start()) as client:
        client.ask("/lw/register", "live", 0)
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
        assert [each.name for each in host.bridge.view().clients] == ["live"]
    (job,) = host.jobs
    assert (job[0], job[1].prompt, job[2]) == ("job-1", "dusty drums", "live")


def test_a_restarted_bridge_knows_that_the_engine_is_ready(host):
    host.start()
    host.bridge.stop()
    host.events.on_event(Ready(protocol=1, version=VERSION, pid=1))
    with TestClient(host.start()) as client:
        assert client.ask("/lw/ping").arguments[2] == "ready"


def test_clips_go_to_the_windows_project(host, tmp_path):
    with TestClient(host.start()) as client:
        client.ask("/lw/register", "x", 0)
        refused = client.ask("/lw/set", "project", "Album")
        assert refused.arguments == (
            "/lw/set", "", 409, "The bridge uses the project of the window: open 'Album' there."
        )  # fmt: skip
        client.send("/lw/generate", "a", "dusty drums")
        client.all_before_pong()
    assert host.engine.folders == [tmp_path]


def test_incoming_and_outgoing_messages_are_recorded(host):
    with TestClient(host.start()) as client:
        client.ask("/lw/ping")
        noted = host.bridge.traffic.since(0)
    assert [(each.came_in, each.endpoint.port) for each in noted] == [
        (True, client.port), (False, client.port),
    ]  # fmt: skip
