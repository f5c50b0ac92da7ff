"""Datagrams that harm, on the bridge of the real program, and on the server of python-osc."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bridge.osc.messages import build
from tests.bridge.osc.test_messages import KILLERS, mutated, nested
from tests.bridge.osc_client import TestClient
from tests.cli.program import WITH_FAKES, Program, running_bridge
from tests.fakes.clips import clip_of, grid_of
from tests.fakes.waiting import until

PEER = Path(__file__).with_name("osc_peer.py")
GOOD = [
    build("/lw/get", "tempo"), build("/lw/set", "bars", 4), build("/lw/host/tempo", 93.5),
    build("/lw/job", "x"), build("/lw/register", "x", 0), build("/lw/clip/list", 0, 20),
    build("/lw/cancel", "x"), build("/lw/host/beat", 4), nested(3),
]  # fmt: skip
BETWEEN_PINGS = 50
"""After so many datagrams a ping waits for its answer, or the socket's buffer would drop some."""


class Attacked:
    """A server as a process, seen from outside."""

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process = process
        self.port = port
        self._usage = psutil.Process(process.pid)

    @property
    def cpu_s(self) -> float:
        times = self._usage.cpu_times()
        return times.user + times.system

    @property
    def rss_mb(self) -> float:
        return self._usage.memory_info().rss / 1e6

    @property
    def threads(self) -> int:
        return self._usage.num_threads()

    @property
    def engine_is_ready(self) -> bool:
        with TestClient(self.port) as client:
            return "ready" in client.ask("/lw/ping")[1]

    def ping(self, limit_s: float = 30) -> float | None:
        """Return after how many seconds a ping is answered; None if it is not."""
        with TestClient(self.port) as client:
            began = time.perf_counter()
            client.send("/lw/ping")
            while (left := limit_s - (time.perf_counter() - began)) > 0:
                answer = client.next_soon(min(left, 1))
                if answer is not None and answer.address == "/lw/pong":
                    return time.perf_counter() - began
        return None


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    with (
        Program(tmp_path_factory.mktemp("bridge"), WITH_FAKES) as program,
        running_bridge(program) as (process, port),
    ):
        attacked = Attacked(process, port)
        until(lambda: attacked.ping() is not None)
        until(lambda: attacked.engine_is_ready)  # all of its threads then run, too
        yield attacked


@contextlib.contextmanager
def peer():
    with subprocess.Popen(
        [sys.executable, str(PEER)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield Attacked(process, int(process.stdout.readline()))
        finally:
            process.kill()


def storm(server: Attacked, count: int, dice) -> list[float | None]:
    """Send datagrams, half of them damaged; return how long the pings between them took."""
    waits = []
    with TestClient(server.port) as client:
        for number in range(count):
            packet = dice.choice(GOOD)
            client.send_bytes(mutated(packet, dice) if number % 2 else packet)
            if number % BETWEEN_PINGS == 0:
                waits.append(server.ping(limit_s=2))
                if waits[-1] is None:
                    break
    return waits


def p99_ms(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)] * 1_000


@pytest.mark.hold(1)
def test_a_flood_of_damaged_datagrams_loses_no_ping_and_takes_no_memory(bridge, hold):
    count = hold.count(2_000, 100_000)
    dice = hold.dice()
    storm(bridge, 200, dice)
    threads, rss_mb = bridge.threads, bridge.rss_mb
    waits = storm(bridge, count, dice)
    lost = waits.count(None)
    answered = [wait for wait in waits if wait is not None]
    figure = f"{count:,} datagrams: {lost} of {len(waits):,} pings lost, p99 "
    hold.figure(1, f"{figure}{p99_ms(answered):.1f} ms, memory +{bridge.rss_mb - rss_mb:.1f} MB")
    assert lost == 0
    assert hold.is_short or p99_ms(answered) < 50
    assert bridge.process.poll() is None
    assert bridge.threads == threads
    assert bridge.rss_mb - rss_mb < 20


@pytest.mark.hold(1)
def test_a_peer_in_the_same_flood_is_reported_for_comparison(hold):
    with peer() as server:
        waits = storm(server, hold.count(400, 100_000), hold.dice())
        server.process.kill()
        tracebacks = server.process.stderr.read().count(b"Traceback")
    fell = "" if waits[-1] is not None else f", stuck after {len(waits) * BETWEEN_PINGS} datagrams"
    hold.figure(1, f"python-osc beside: {tracebacks:,} tracebacks{fell}")


TIMES = {"1,000 stars", "65,507 bytes", "3,000 bundles deep", "an element of -4 bytes"}
IN_A_YEAR = b"#bundle\0" + ((3_976_000_000 + 31_536_000) << 32).to_bytes(8) + (
    len(GOOD[0]).to_bytes(4) + GOOD[0]
)  # fmt: skip
FIVE_KILLERS = {name: KILLERS[name] for name in sorted(TIMES)} | {"due in a year": IN_A_YEAR}


@pytest.mark.hold(2)
@pytest.mark.parametrize("name", FIVE_KILLERS)
def test_a_malicious_datagram_costs_almost_nothing(bridge, hold, name):
    count = hold.count(100, 1_000)
    before = bridge.cpu_s
    with TestClient(bridge.port) as client:
        for number in range(count):
            client.send_bytes(FIVE_KILLERS[name])
            if number % 20 == 0:
                assert bridge.ping() is not None
    spent_ms = (bridge.cpu_s - before) * 1_000 / count
    hold.figure(2, f"one of the five killers {count:,} times: {{ms:.2f}} ms each", ms=spent_ms)
    assert spent_ms < 1


@pytest.mark.hold(2)
def test_a_peer_does_not_survive_malicious_datagrams(hold):
    silent = []
    for name, packet in FIVE_KILLERS.items():
        with peer() as server, TestClient(server.port) as client:
            client.send_bytes(packet)
            if server.ping(limit_s=1) is None:
                silent.append(name)
    hold.figure(2, f"python-osc beside does not answer for 1 s after: {', '.join(silent)}")


@pytest.mark.hold(3)
def test_a_flood_neither_grows_nor_silences_the_bridge(bridge, hold):
    seconds = hold.count(1, 60)
    threads, rss_mb = bridge.threads, bridge.rss_mb
    before = dropped_by(bridge)
    sent = flood(bridge.port, seconds)
    began = time.perf_counter()
    # A ping that finds the socket's buffer full is lost, as any datagram is: it is sent again.
    until(lambda: bridge.ping(limit_s=0.1) is not None)
    silent_ms = (time.perf_counter() - began) * 1_000
    grown, dropped = bridge.rss_mb - rss_mb, dropped_by(bridge) - before
    figure = f"{sent / seconds:,.0f} messages/s for {seconds} s: memory +{grown:.1f} MB, "
    hold.figure(
        3, f"{figure}{dropped:,} reported as dropped; the next ping took {silent_ms:.0f} ms"
    )
    assert grown < 20
    assert bridge.threads == threads


def flood(port: int, seconds: int) -> int:
    """Send 50,000 messages in each second, or as many as the machine can; return how many."""
    message = build("/lw/host/tempo", 93.5)
    sent, began = 0, time.perf_counter()
    with TestClient(port) as client:
        while (passed := time.perf_counter() - began) < seconds:
            while sent < passed * 50_000:
                client.send_bytes(message)
                sent += 1
    return sent


def dropped_by(server: Attacked) -> int:
    with TestClient(server.port) as client:
        return client.ask("/lw/get", "dropped").arguments[1]


ANSWERED = [
    ("/lw/ping",), ("/lw/get", "clients"), ("/lw/clip/list", 0, 20), ("/lw/job", "none"),
    ("/lw/cancel", "none"), ("/lw/set", "key", "no key"), ("/lw/nothing", "x" * 400),
    ("/lw/clip/path", "abcd2345"), ("/lw/generate", "x" * 900, ""), ("/lw/unlisten", "tempo"),
]  # fmt: skip


@pytest.mark.hold(4)
def test_no_reply_is_more_than_three_times_its_request(loopwright, hold):
    worst = 0.0
    with running_bridge(loopwright) as (_, port):
        for number in range(20):
            clip = clip_of(grid_of(bars=1), title="long " * 40)
            name = f"long_128bpm_1bars_{'abcdefghijklmnopqrst'[number] * 8}.wav"
            (loopwright.project / name).write_bytes(clip)
        for question in ANSWERED:
            packet = build(*question)
            with TestClient(port) as client, TestClient(port) as other:
                client.send_bytes(packet)
                other.ask("/lw/ping")
                worst = max(worst, bytes_for(client) / len(packet))
    hold.figure(4, f"{len(ANSWERED)} kinds of question: at most {worst:.2f} bytes for one")
    assert 0 < worst <= 3


def bytes_for(client: TestClient) -> int:
    total = 0
    while (message := client.next_soon()) is not None:
        total += len(build(message.address, *message.arguments))
    return total
