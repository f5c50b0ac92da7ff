"""The bridge's socket and its thread: receives datagrams and engine events, sends replies.

The router runs on this thread only; `call_soon` may be called from any thread.
"""

import contextlib
import errno
import ipaddress
import logging
import queue
import select
import socket
import threading
import time
from collections.abc import Callable, Collection
from typing import Self

from bridge.osc.addresses import DEFAULT_PORT
from bridge.osc.clients import Endpoint
from bridge.osc.engine_events import EngineEvents
from bridge.osc.errors import AddressUnusable, PortTaken
from bridge.osc.messages import LARGEST_PACKET_BYTES
from bridge.osc.projects import Projects
from bridge.osc.router import Router
from bridge.osc.traffic import BridgeObserver
from engine.client import Engine
from playback.interface import ClipPlayer

LOOPBACK = "127.0.0.1"
_RECEIVE_BUFFER_BYTES = 4 * 2**20
_TICK_S = 0.1
_MOST_AT_ONCE = 256
_log = logging.getLogger(__name__)


class BridgeServer:
    """Serves OSC on one UDP socket from the start to the end of a `with` block."""

    def __init__(
        self,
        engine: Engine,
        player: ClipPlayer,
        projects: Projects,
        events: EngineEvents,
        *,
        host: str = LOOPBACK,
        port: int = DEFAULT_PORT,
        allowed: Collection[str] = (),
        observer: BridgeObserver | None = None,
    ) -> None:
        """Bind the socket; nothing is received yet.

        Args:
            engine: makes the loops.
            player: plays previews.
            projects: the project folders.
            events: the engine's events.
            host: the IP address to listen on.
            port: the UDP port; 0 for any free port.
            allowed: IP addresses that may send, besides this machine's own loopback.
            observer: what a window watches; None for a bridge without one.

        Raises:
            PortTaken: the port is in use.
            AddressUnusable: the address does not belong to this machine.
        """
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._allowed = frozenset(allowed)
        self._wake_up, self._woken = _non_blocking_pair()
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._closing = False
        self._traffic = observer.traffic if observer else None
        self.router = Router(engine, player, projects, self._send, self.call_soon, observer)
        self._events = events
        self._subscribe(events)
        self._thread = threading.Thread(target=self._serve, name="bridge", daemon=True)

    def __enter__(self) -> Self:
        _log.info("bridge listens on %s port %d", *self._socket.getsockname()[:2])
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call_soon(self, task: Callable[[], None]) -> None:
        """Schedule a callback on the bridge's thread."""
        self._tasks.put(task)
        with contextlib.suppress(OSError):  # full: it wakes up anyway
            self._wake_up.send(b"!")

    def close(self) -> None:
        """Stop the thread and the preview, and free the port."""
        self._closing = True
        self._events.unsubscribe()
        self.call_soon(lambda: None)
        if self._thread.is_alive():
            self._thread.join()
        self.router.close()
        for each in (self._socket, self._wake_up, self._woken):
            each.close()
        _log.info("bridge on port %d closed: %s", self.port, dict(self.router.counts))

    def _subscribe(self, events: EngineEvents) -> None:
        events.subscribe(
            lambda event: self.call_soon(lambda: self.router.on_event(event)),
            lambda: self.call_soon(self.router.on_engine_exit),
        )
        self.router.engine_state = events.engine_state  # it may have missed events

    def _serve(self) -> None:
        tick_at_s = 0.0
        while not self._closing:
            select.select([self._socket, self._woken], [], [], _TICK_S)
            self.router.now_s = now_s = time.monotonic()
            self._run_tasks()
            self._receive()
            if now_s >= tick_at_s:
                tick_at_s = now_s + _TICK_S
                self.router.counts["lost"] = lost_datagrams(self.port)
                self._run(self.router.tick)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception:  # noqa: BLE001 - one bug must not end the bridge
            _log.exception("a task of the bridge failed")

    def _run_tasks(self) -> None:
        with contextlib.suppress(OSError):
            self._woken.recv(4096)
        while not self._tasks.empty():  # only this thread takes from it
            self._run(self._tasks.get())

    def _receive(self) -> None:
        """Handle received datagrams, at most 256 before the next look at the clock."""
        for _ in range(_MOST_AT_ONCE):
            try:
                datagram, sender = self._socket.recvfrom(LARGEST_PACKET_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:
                continue  # some systems report here that an earlier reply found no listener
            if not self._tasks.empty():  # events that came before the datagram go first
                self._run_tasks()
            self._on_datagram(datagram, Endpoint(*sender[:2]))

    def _on_datagram(self, datagram: bytes, sender: Endpoint) -> None:
        if not self._may_send(sender.host):
            self.router.counts["refused"] += 1
            return
        if self._traffic is not None:
            self._traffic.note(datagram, sender, came_in=True)
        self.router.on_datagram(datagram, sender)

    def _may_send(self, host: str) -> bool:
        return host.startswith("127.") or host == "::1" or host in self._allowed

    def _send(self, datagram: bytes, endpoint: Endpoint) -> None:
        if self._traffic is not None:
            self._traffic.note(datagram, endpoint, came_in=False)
        with contextlib.suppress(OSError, OverflowError):  # no listener, or its buffer is full
            self._socket.sendto(datagram, endpoint)


def lost_datagrams(port: int) -> int:
    """Return how many datagrams the system dropped at a port because too many arrived.

    Only Linux counts them for a port; on other systems the result is 0.
    """
    lost = 0
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        with contextlib.suppress(OSError, ValueError, IndexError), open(table) as lines:  # noqa: PTH123
            next(lines)
            fields = (line.split() for line in lines)
            lost += sum(int(each[12]) for each in fields if int(each[1][-4:], 16) == port)
    return lost


def _non_blocking_pair() -> tuple[socket.socket, socket.socket]:
    """Return a socket that wakes up a select on the other one."""
    pair = socket.socketpair()
    for each in pair:
        each.settimeout(0)
    return pair


def _bound(host: str, port: int) -> socket.socket:
    """Return a bound socket whose port no other program can share."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError as error:
        raise AddressUnusable(host, port, "it is not an IP address") from error
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would let a second program bind
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        opened.settimeout(0)
        opened.bind((host, port))
    except (OSError, OverflowError) as error:
        opened.close()
        if getattr(error, "errno", None) in (errno.EADDRINUSE, errno.EACCES):
            _log.info("port %d of %s is in use", port, host)
            raise PortTaken(host, port) from error
        _log.info("%s port %d cannot be bound", host, port, exc_info=True)
        raise AddressUnusable(host, port, str(getattr(error, "strerror", error))) from error
    return opened
