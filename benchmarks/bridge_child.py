"""One measurement of the bridge in a fresh process: `python -m benchmarks.bridge_child WHAT`.

It prints JSON.

`dispatch`: messages parsed and handled per second. `ping`: the 99th percentile of a ping's round
trip while low-priority processes keep the processors busy. `generate`: from `/lw/generate`
with sketch to `/lw/clip/ready`, warm.
"""

import contextlib
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.osc.client import OscClient
from bridge.osc.clients import Endpoint
from bridge.osc.engine_events import EngineEvents
from bridge.osc.messages import build
from bridge.osc.projects import Projects
from bridge.osc.router import Router
from bridge.osc.server import BridgeServer
from engine.client import EngineClient

_MESSAGES = 40_000
_PINGS = 2_000
_LOOPS = 5
_LIMIT_S = 60.0


class _Silence:
    """A player that plays nothing."""

    device = ""
    playing: Path | None = None

    def choose_device(self, name: str) -> None:
        """Do nothing."""

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _dispatch() -> float:
    """Return how many messages of a playing host one core handles per second."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    router = Router(
        EngineClient(lambda _event: None), _Silence(), Projects(Path()), _drop, lambda task: task()
    )
    datagrams = [
        build("/lw/host/tempo", 93.5),
        build("/lw/host/beat", 12),
        build("/lw/host/play", 1),
        build("/lw/host/meter", 7, 8),
    ]
    sender = Endpoint("127.0.0.1", 9)
    begun = time.perf_counter()
    for number in range(_MESSAGES):
        router.on_datagram(datagrams[number % 4], sender)
    taken_s = time.perf_counter() - begun
    router.close()
    return _MESSAGES / taken_s


def _drop(_datagram: bytes, _endpoint: Endpoint) -> None:
    """Send nothing."""


def _ping() -> float:
    """Return the 99th percentile of a ping's round trip, in milliseconds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _bridge(folder) as (server, _),
        _busy_processors(),
        OscClient("127.0.0.1", server.port) as client,
    ):
        return _round_trip_ms(lambda: client.send("/lw/ping", []), lambda: _next(client))


def _round_trip_ms(send: Callable[[], None], receive: Callable[[], object]) -> float:
    """Return the 99th percentile of the time from a request to its reply."""
    times = []
    for _ in range(_PINGS):
        begun = time.perf_counter()
        send()
        receive()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(times, n=100)[98]


@contextlib.contextmanager
def _busy_processors() -> Iterator[None]:
    """Keep every processor busy, with the low priority of the engine."""
    context = multiprocessing.get_context("spawn")
    count = os.cpu_count() or 1
    burners = [context.Process(target=_burn, daemon=True) for _ in range(count)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.join()


def _burn() -> None:
    if hasattr(os, "nice"):
        os.nice(10)
    while True:
        sum(range(1000))


def _generate() -> float:
    """Return the seconds from `/lw/generate` with sketch to `/lw/clip/ready`, warm."""
    with tempfile.TemporaryDirectory() as folder, _bridge(folder) as (server, client):
        client.start()
        with OscClient("127.0.0.1", server.port) as requester:
            requester.send("/lw/register", ["bench", 0])
            times = [_loop_s(requester, number) for number in range(_LOOPS + 1)]
        client.close()
    return statistics.median(times[1:])


def _loop_s(requester: OscClient, number: int) -> float:
    begun = time.perf_counter()
    requester.send("/lw/generate", [f"loop-{number}", "dusty lo-fi drums with swing", 93.5, 4])
    for answer in requester.answers(_LIMIT_S):
        if answer.address == "/lw/clip/ready":
            return time.perf_counter() - begun
    raise TimeoutError


@contextlib.contextmanager
def _bridge(folder: str) -> Iterator[tuple[BridgeServer, EngineClient]]:
    events = EngineEvents()
    client = EngineClient(events.on_event, on_exit=events.on_exit)
    with BridgeServer(client, _Silence(), Projects(Path(folder)), events, port=0) as server:
        yield server, client


def _next(client: OscClient) -> object:
    return next(client.answers(_LIMIT_S))


_FIGURES = {"dispatch": _dispatch, "ping": _ping, "generate": _generate}

if __name__ == "__main__":
    sys.stdout.write(json.dumps({"figure": _FIGURES[sys.argv[1]]()}) + "\n")
