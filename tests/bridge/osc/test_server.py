"""The bridge on a real socket: requests, replies, pushes, and messages that get no reply."""

import socket
import sys

import psutil
import pytest

from bridge.osc.clients import LEASE_S
from bridge.osc.engine_events import EngineEvents
from bridge.osc.errors import AddressUnusable, PortTaken
from bridge.osc.messages import build, padded
from bridge.osc.projects import Projects
from bridge.osc.server import BridgeServer, lost_datagrams
from engine.protocol import Ready
from engine.version import VERSION
from tests.bridge.osc.test_messages import KILLERS
from tests.bridge.osc_client import DRUMS, failed
from tests.fakes.bridge import FakeEngine, FakePlayer
from tests.fakes.clips import CLIP_ID


def test_a_ping_is_answered_with_the_engine_state(bridge, client):
    assert client.ask("/lw/ping") == ("/lw/pong", (VERSION, 1, "starting", 0))
    bridge.events.on_event(Ready(protocol=1, version=VERSION, pid=1))
    assert client.ask("/lw/ping").arguments[2] == "ready"
    bridge.events.on_exit(None)
    assert client.ask("/lw/ping").arguments[2] == "down"


def test_a_ping_can_name_its_reply_port(bridge, client):
    other = bridge.client()
    client.send("/lw/ping", other.port)
    assert other.next().address == "/lw/pong"


def test_a_registered_client_receives_everything_once(bridge, client):
    other, ear = bridge.client(), bridge.client()
    done = client.ask("/lw/register", "front panel", 0)
    assert done == ("/lw/done", ("/lw/register", "", done.arguments[2], LEASE_S))
    other.send("/lw/register", "by port", ear.port)
    assert ear.next().address == "/lw/done"
    other.send(*DRUMS)
    other.send("/lw/get", "bars")
    ear.until("/lw/value", "bars")
    bridge.run_job()
    client.until("/lw/done", "/lw/generate")
    ear.until("/lw/done", "/lw/generate")
    for each in (client, ear):
        names = [message.address for message in each.received]
        assert names.count("/lw/clip/ready") == names.count("/lw/take") == 1
    assert client.until("/lw/heartbeat").arguments[0] > 0
    assert other.all_before_pong() == []


def test_client_names_are_readable_but_not_writable(bridge, client):
    client.ask("/lw/register", "live", 0)
    assert bridge.client().ask("/lw/get", "clients") == ("/lw/value", ("clients", "live"))
    failed(client.ask("/lw/set", "clients", "x"), "/lw/set", "", 400)
    failed(client.ask("/lw/set", "host", "x"), "/lw/set", "", 400)


def test_an_unregistered_client_receives_nothing_more(bridge, client):
    number = client.ask("/lw/register", "x", 0).arguments[2]
    other = bridge.client()
    assert client.ask("/lw/unregister", number).address == "/lw/done"
    failed(client.ask("/lw/unregister", number), "/lw/unregister", "", 404)
    other.send(*DRUMS)
    other.all_before_pong()
    bridge.run_job()
    other.until("/lw/done")
    assert client.all_before_pong() == []


def test_at_most_32_clients_register(bridge, client):
    for number in range(32):
        done = bridge.client().ask("/lw/register", f"client {number}", 0)
        assert done.address == "/lw/done"
    failed(client.ask("/lw/register", "x", 0), "/lw/register", "", 409)


def test_a_daw_can_register_when_the_table_is_full(bridge, client):
    for each in [bridge.client() for _ in range(32)]:
        each.ask("/lw/register", "x", 0)
    assert client.ask("/lw/register", "live", 0).address == "/lw/done"
    other = bridge.client()
    names = [other.ask("/lw/register", "reaper", 0).address, *bridge.server.router.client_names]
    assert names == ["/lw/done", *["x"] * 30, "live", "reaper"]


def test_a_program_with_many_sockets_takes_its_own_places(bridge, client):
    assert client.ask("/lw/register", "live", 0).address == "/lw/done"
    for _ in range(40):
        assert bridge.client().ask("/lw/register", "x", 0).address == "/lw/done"
    panel = bridge.client()
    assert panel.ask("/lw/register", "panel", 0).address == "/lw/done"
    assert bridge.client().ask("/lw/register", "x", 0).address == "/lw/done"
    assert sorted(bridge.server.router.client_names) == ["live", "panel", *["x"] * 30]


def test_a_socket_naming_many_reply_ports_locks_nobody_out(bridge, client):
    for number in range(40):
        client.send("/lw/register", "x", 20_000 + number)
    client.all_before_pong()
    assert len(bridge.server.router.client_names) == 4
    assert bridge.client().ask("/lw/register", "y", 0).address == "/lw/done"


REQUESTS = [
    ("/lw/clip/list", 0, 20), ("/lw/clip/list", 0, 2), ("/lw/clip/list", -1, 20),
    ("/lw/clip/path", CLIP_ID), ("/lw/clip/path", "nosuch22"), ("/lw/get", "clients"),
    ("/lw/get", "x"), ("/lw/get",), ("/lw/job", "x"), ("/lw/what",), ("/lw/set", "project", ".."),
    ("/lw/generate", "x", "", 1.0), ("/lw/make", "y", "{"), ("/lw/listen", "tempo"),
]  # fmt: skip


def test_an_unregistered_sender_gets_at_most_three_times_what_it_sent(bridge, client):
    for each in [bridge.client() for _ in range(5)]:
        each.ask("/lw/register", "with a rather long name", 0)
    for clip_id in ("abcd2222", "abcd2333", CLIP_ID):
        bridge.write_clip(clip_id)
    for request in REQUESTS:
        client.send(*request)
        before = client.bytes_received
        found = client.all_before_pong()
        pong = build("/lw/pong", *client.received[-1].arguments)
        answered = client.bytes_received - before - len(pong)
        assert answered <= 3 * len(build(*request)), (request, found)


def test_a_padded_request_gets_its_whole_page(bridge, client):
    bridge.write_clip()
    client.send_bytes(padded(build("/lw/clip/list", 0, 20)))
    assert [each.address for each in client.all_before_pong()] == ["/lw/clip", "/lw/done"]


def test_messages_without_effect_are_counted_and_reported(client):
    for _ in range(5):
        client.send_bytes(b"no message")
    assert client.ask("/lw/get", "dropped") == ("/lw/value", ("dropped", 5))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it")
def test_dropped_datagrams_are_counted():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        port = ear.getsockname()[1]
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        assert lost_datagrams(port) == 0
        for _ in range(100):
            ear.sendto(bytes(1_000), ("127.0.0.1", port))
        assert 50 < lost_datagrams(port) < 100


def test_a_changed_value_is_sent_to_its_listeners(bridge, client):
    failed(client.ask("/lw/listen", "tempo"), "/lw/listen", "", 404)
    client.ask("/lw/register", "x", 0)
    assert client.ask("/lw/listen", "tempo") == ("/lw/value", ("tempo", 0.0))
    other = bridge.client()
    other.send("/lw/host/tempo", 93.5)
    assert client.until("/lw/value") == ("/lw/value", ("tempo", 93.5))
    assert client.ask("/lw/unlisten", "tempo").address == "/lw/done"
    other.send("/lw/host/tempo", 94)
    other.all_before_pong()
    assert client.all_before_pong() == []


@pytest.mark.parametrize(
    ("name", "value", "read"),
    (("tempo", 120, 120.0), ("meter", "7/8", "7/8"), ("bars", 3, 3), ("key", "ebm", "Eb minor"),
     ("model", "musicldm", "musicldm"), ("project", "Album one", "Album one"),
     ("device", "USB", "USB")),
)  # fmt: skip
def test_a_value_can_be_set_and_read_back(client, name, value, read):
    assert client.ask("/lw/set", name, value) == ("/lw/value", (name, read))
    assert client.ask("/lw/get", name) == ("/lw/value", (name, read))


@pytest.mark.parametrize(
    ("name", "value"),
    (("tempo", "fast"), ("tempo", 5000), ("meter", "7/9"), ("meter", 4), ("bars", -1),
     ("bars", 2.5), ("key", "H"), ("model", "/etc/passwd"), ("model", "a\\b"), ("model", "..")),
)  # fmt: skip
def test_an_invalid_value_is_refused_and_the_old_one_stays(client, name, value):
    before = client.ask("/lw/get", name)
    failed(client.ask("/lw/set", name, value), "/lw/set", "", 400)
    assert client.ask("/lw/get", name) == before


@pytest.mark.hold(4)
def test_malformed_packets_get_no_reply(bridge, client):
    for packet in KILLERS.values():
        if len(packet) <= 65_507:
            client.send_bytes(packet)
    assert client.all_before_pong() == []
    assert bridge.server.router.counts["malformed"] >= len(KILLERS) - 2


@pytest.mark.hold(4)
def test_replies_and_foreign_messages_get_no_reply(client):
    for address in ("/lw/done", "/lw/fail", "/lw/pong", "/lw/value", "/lw/take", "/live/test", "/"):
        client.send(address, "/lw/generate", "a", 400, "no")
    assert client.all_before_pong() == []


def test_host_messages_never_get_a_reply(client):
    client.send("/lw/host/tempo", "fast")
    client.send("/lw/host/meter", 99, 3)
    client.send("/lw/host/beat", b"now")
    client.send("/lw/host/play", 1, 2, 3)
    assert client.all_before_pong() == []


def test_an_unknown_address_is_404(client):
    client.ask("/lw/register", "x", 0)
    sentence = failed(client.ask("/lw/gnerate", "a", "b"), "/lw/gnerate", "", 404)
    assert sentence == "There is no message '/lw/gnerate': see docs/osc.md."


@pytest.mark.hold(4)
def test_only_this_machine_and_allowed_addresses_may_send(tmp_path):
    with (
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), host="0.0.0.0", port=0
        ) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        # A socket connected to an outside address shows which of our addresses it uses.
        stranger.connect(("192.0.2.1", 9))
        own = stranger.getsockname()[0]
        if own.startswith("127."):
            pytest.skip("this machine has no address but its loopback")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.bind((own, 0))
            outside.settimeout(30)
            outside.sendto(build("/lw/ping"), (own, server.port))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
                inside.settimeout(30)
                inside.sendto(build("/lw/ping"), ("127.0.0.1", server.port))
                inside.recv(1000)
            assert server.router.counts["refused"] == 1


@pytest.mark.hold(5)
def test_it_listens_on_loopback_only_by_default(bridge):
    found = [
        each
        for each in psutil.Process().net_connections("inet")
        if each.laddr and each.laddr.port == bridge.port
    ]
    assert {each.laddr.ip for each in found} == {"127.0.0.1"}
    assert {each.type for each in found} == {socket.SOCK_DGRAM}


def test_a_second_bridge_on_a_port_fails(bridge, tmp_path):
    with pytest.raises(PortTaken, match=f"Port {bridge.port} of 127.0.0.1 is in use"):
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), port=bridge.port
        )


@pytest.mark.parametrize("host", ("not an address", "192.0.2.1"))
def test_an_address_of_another_machine_is_refused(tmp_path, host):
    with pytest.raises(AddressUnusable, match="cannot listen on"):
        BridgeServer(
            FakeEngine(), FakePlayer(), Projects(tmp_path), EngineEvents(), host=host, port=0
        )


def test_it_releases_the_sound_device_when_it_ends(tmp_path):
    player = FakePlayer()
    with BridgeServer(FakeEngine(), player, Projects(tmp_path), EngineEvents(), port=0):
        pass
    assert player.closed
