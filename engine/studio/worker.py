"""A worker: an ordinary engine on one of the boxes, which does one part of a job after another.

It is an actor of Ray, with some threads: one runs a part, others hear that it is cancelled. The
engine is a child process, so whatever a model does to it costs one part and not the worker.
"""

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from engine import protocol
from engine.client import EngineClient
from engine.entry_points import ENGINE_VARIABLE
from engine.remote.host import Host
from engine.remote.wire import TO_HOST, ConnectionLost, Hello, Received, TakeSent, ToHost
from engine.studio.packets import ANSWERS, Packet, packet

THREADS = 4
PROGRESS_S = 0.5
"""How often a musician hears of progress."""
_REMEMBERED = 100
Said = tuple[protocol.Message, bytes]


class Worker:
    """Keeps an engine, and with it a model in memory, for as long as the studio runs."""

    def __init__(self) -> None:
        """Start the engine."""
        os.environ.pop(ENGINE_VARIABLE, None)  # else the studio could be its own musician
        self._on_event: Callable[[protocol.Event], None] | None = None
        self._engine = EngineClient(self._pass_on)
        self._engine.start()
        self._turn = threading.Lock()
        self._link: PartLink | None = None
        self._cancelled: deque[str] = deque(maxlen=_REMEMBERED)
        """The parts that were cancelled before they came, since Ray keeps no order of calls."""

    def run(self, told: list[Packet], part_id: str) -> Iterator[Packet]:
        """Do one part, the last message of `told`, with the files before it; yield what it says.

        A generator whose events arrive while it runs. It ends with the reply to the part.
        """
        with self._turn:
            link = self._link = PartLink(part_id, told)
            if part_id in self._cancelled:
                link.tell(protocol.Cancel(part_id))
            host = Host(link, self._engine_for)
            serving = threading.Thread(target=host.run, name="host", daemon=True)
            serving.start()
            try:
                for message, payload in _not_too_often(link.said()):
                    yield packet(message, payload)
                    if isinstance(message, TakeSent):
                        link.tell(Received(part_id))
            finally:
                self._link = None
                link.close()
                serving.join()

    def cancel(self, part_id: str) -> None:
        """Cancel a part: the running one, or one that is yet to come."""
        self._cancelled.append(part_id)
        link = self._link
        if link is not None and link.part_id == part_id:
            link.tell(protocol.Cancel(part_id))

    def process_id(self) -> int:
        """Return the id of this process, which shows that it runs."""
        return os.getpid()

    def _engine_for(self, on_event: Callable[[protocol.Event], None]) -> EngineClient:
        self._on_event = on_event
        return self._engine

    def _pass_on(self, event: protocol.Event) -> None:
        if self._on_event is not None:
            self._on_event(event)


def _not_too_often(said: Iterator[Said]) -> Iterator[Said]:
    """Leave out progress that comes soon after other: each hop to the musician costs time."""
    told_at = 0.0
    for message, payload in said:
        if isinstance(message, protocol.Progress):
            now = time.monotonic()
            if now - told_at < PROGRESS_S:
                continue
            told_at = now
        yield message, payload


class PartLink:
    """The link between a host and the worker that it is part of, for one part of a job."""

    def __init__(self, part_id: str, told: list[Packet]) -> None:
        """Begin with what the host is told."""
        self.part_id = part_id
        self._to_host: queue.SimpleQueue[tuple[ToHost, bytes] | None] = queue.SimpleQueue()
        self._from_host: queue.SimpleQueue[tuple[protocol.Message, bytes]] = queue.SimpleQueue()
        for line, payload in told:
            self._to_host.put((TO_HOST.decode(line), payload))

    def send(self, message: protocol.Message, payload: bytes = b"") -> None:
        """Take a message of the host."""
        self._from_host.put((message, payload))

    def receive(self) -> tuple[ToHost, bytes]:
        """Wait for the next message to the host.

        Raises:
            ConnectionLost: the part is over.
        """
        heard = self._to_host.get()
        if heard is None:
            raise ConnectionLost("The part is over.")
        return heard

    def tell(self, message: ToHost) -> None:
        """Send the host a message without files."""
        self._to_host.put((message, b""))

    def said(self) -> Iterator[Said]:
        """Yield what the host says, up to its reply to the part."""
        while True:
            message, payload = self._from_host.get()
            if isinstance(message, Hello | protocol.Heartbeat):
                continue
            yield message, payload
            if isinstance(message, protocol.Terminal | ANSWERS):
                return

    def close(self) -> None:
        """Let the host end."""
        self._to_host.put(None)
