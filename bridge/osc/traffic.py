"""What a window sees of its bridge: the jobs it starts, and the last messages in and out.

Messages are kept as raw datagrams and decoded only for display: recording one is cheap enough to
keep up with a flood.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from bridge.osc.clients import Endpoint
from bridge.osc.errors import MalformedPacket
from bridge.osc.messages import PADDING, Argument, parse
from engine.loops.request import LoopRequest

MOST_KEPT = 200
_MOST_BYTES_KEPT = 2_000
_LONGEST_TEXT = 60
_HEARTBEAT = b"/lw/heartbeat\0"

OnJob = Callable[[str, LoopRequest, str], None]
"""Called with a job's engine id, its request, and the name of the client, "" if unknown."""


class Datagram(NamedTuple):
    """One datagram: its time in seconds since 1970, direction, bytes and remote endpoint.

    `size` is its full length in bytes; of a long datagram only the beginning is kept.
    """

    number: int
    at_s: float
    came_in: bool
    data: bytes
    size: int
    endpoint: Endpoint


class TrafficLine(NamedTuple):
    """One message as it is displayed; a datagram may contain several."""

    number: int
    at_s: float
    came_in: bool
    address: str
    arguments: str
    endpoint: Endpoint


class TrafficLog:
    """The last 200 datagrams, without heartbeats. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._kept: deque[Datagram] = deque(maxlen=MOST_KEPT)

    def note(self, data: bytes, endpoint: Endpoint, *, came_in: bool) -> None:
        """Record a datagram that came in or goes out."""
        if data.startswith(_HEARTBEAT):
            return
        at_s, size = self._clock(), len(data)
        with self._lock:
            number = next(self._numbers)
            kept = Datagram(number, at_s, came_in, data[:_MOST_BYTES_KEPT], size, endpoint)
            self._kept.append(kept)

    def since(self, number: int) -> list[Datagram]:
        """Return the kept datagrams after a number, the oldest first."""
        with self._lock:
            return [each for each in self._kept if each.number > number]

    def clear(self) -> None:
        """Forget all datagrams."""
        with self._lock:
            self._kept.clear()


class BridgeObserver(NamedTuple):
    """What a window watches on its bridge. Both are used on the bridge's thread and never block.

    Attributes:
        on_job: called for each job that a client starts.
        traffic: records the messages in and out.
    """

    on_job: OnJob
    traffic: TrafficLog


def lines_of(datagram: Datagram) -> list[TrafficLine]:
    """Return the messages of a datagram, or one line that says why there are none."""

    def line(address: str, arguments: str) -> TrafficLine:
        return TrafficLine(datagram.number, datagram.at_s, datagram.came_in, address, arguments,
                    datagram.endpoint)  # fmt: skip

    if datagram.size > len(datagram.data):
        address = datagram.data.partition(b"\0")[0].decode("utf-8", "replace")
        return [line(_short(address), f"({datagram.size:,} bytes)")]
    try:
        messages = parse(datagram.data)
    except MalformedPacket as error:
        return [line("(malformed)", str(error))]
    return [
        line(_short(m.address), " ".join(map(_shown, m.arguments)))
        for m in messages
        if m.address != PADDING
    ]


def _shown(argument: Argument) -> str:
    """Return an argument as a user would type it: text in quotes, numbers plain."""
    if isinstance(argument, str):
        return f'"{_short(argument)}"'
    if isinstance(argument, bytes):
        return f"({len(argument)} bytes)"
    if isinstance(argument, float):
        return f"{argument:.7g}"
    return str(argument)


def _short(text: str) -> str:
    """Return text on one line, cut to 60 characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: _LONGEST_TEXT + 1])
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"
