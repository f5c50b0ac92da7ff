"""The last messages that went in and out, kept as they were on the wire: reading them is for later.

Noting one costs next to nothing, so that a flood is noted as fast as it comes.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from bridge.osc.clients import Endpoint
from bridge.osc.errors import MalformedPacket
from bridge.osc.messages import Argument, parse

MOST_KEPT = 200
_MOST_BYTES_KEPT = 2_000
_LONGEST_TEXT = 60
_HEARTBEAT = b"/lw/heartbeat\0"


class Datagram(NamedTuple):
    """One datagram: when it went, in seconds since 1970, which way, its bytes, and with whom.

    `size` is its length in bytes; of a long one, only the beginning is kept.
    """

    number: int
    at_s: float
    came_in: bool
    data: bytes
    size: int
    place: Endpoint


class TrafficLine(NamedTuple):
    """One message as it is shown; a datagram may hold several."""

    number: int
    at_s: float
    came_in: bool
    address: str
    arguments: str
    place: Endpoint


class TrafficLog:
    """The last 200 datagrams; heartbeats are left out. May be used from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._kept: deque[Datagram] = deque(maxlen=MOST_KEPT)

    def note(self, data: bytes, place: Endpoint, *, came_in: bool) -> None:
        """Note a datagram that came in or goes out."""
        if data.startswith(_HEARTBEAT):
            return
        at_s, size = self._clock(), len(data)
        with self._lock:
            number = next(self._numbers)
            kept = Datagram(number, at_s, came_in, data[:_MOST_BYTES_KEPT], size, place)
            self._kept.append(kept)

    def since(self, number: int) -> list[Datagram]:
        """Return what is kept of the datagrams behind a number, the oldest first."""
        with self._lock:
            return [each for each in self._kept if each.number > number]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


def lines_of(datagram: Datagram) -> list[TrafficLine]:
    """Return the messages of a datagram, or a line that says why there are none."""

    def line(address: str, arguments: str) -> TrafficLine:
        return TrafficLine(datagram.number, datagram.at_s, datagram.came_in, address, arguments,
                    datagram.place)  # fmt: skip

    if datagram.size > len(datagram.data):
        address = datagram.data.partition(b"\0")[0].decode("utf-8", "replace")
        return [line(_short(address), f"({datagram.size:,} bytes)")]
    try:
        messages = parse(datagram.data)
    except MalformedPacket as error:
        return [line("(malformed)", str(error))]
    return [line(_short(m.address), " ".join(map(_shown, m.arguments))) for m in messages]


def _shown(argument: Argument) -> str:
    """Return an argument as one would type it: text in quotes, numbers plain."""
    if isinstance(argument, str):
        return f'"{_short(argument)}"'
    if isinstance(argument, bytes):
        return f"({len(argument)} bytes)"
    if isinstance(argument, float):
        return f"{argument:.7g}"
    return str(argument)


def _short(text: str) -> str:
    """Return text on one line, and not too much of it."""
    line = "".join(c if c.isprintable() else " " for c in text[: _LONGEST_TEXT + 1])
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"
