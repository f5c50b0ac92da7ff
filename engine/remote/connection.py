"""A connection of the relay, whatever it is made of: who writes to it, and why there is none."""

import logging
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from engine.errors import EngineError, ProtocolError
from engine.protocol import Message
from engine.remote.wire import WIRE_VERSION, ConnectionLost, Hello, Link, ToRelay
from engine.version import VERSION

_log = logging.getLogger(__name__)


class CannotConnect(EngineError):
    """There is nobody at the other end, or one of another version."""


class Connection(ABC):
    """A connection that has said hello. Any thread may send; one thread receives."""

    def __init__(self, link: Link[ToRelay]) -> None:
        """Start the thread that writes to `link`."""
        self.wire = link
        self._outgoing: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="writer", daemon=True).start()

    def send(self, message: Message, payload: bytes = b"") -> None:
        """Send a message after all before it; a lost connection is noticed by the receiver."""
        self._outgoing.put(lambda: self.wire.send(message, payload))

    def then(self, task: Callable[[], None]) -> None:
        """Do something on the thread that writes, such as reading a file and sending it."""
        self._outgoing.put(task)

    def receive(self) -> tuple[ToRelay, bytes]:
        """Wait for the next message, and return it with its payload.

        Raises:
            ConnectionLost: there is none.
        """
        while True:
            try:
                return self.wire.receive()
            except ProtocolError as error:
                _log.warning("a line of the host is not a message")
                _log.debug("%s", error)

    def close(self) -> None:
        """End the connection, and free what it holds."""
        self._outgoing.put(None)
        self.hang_up()

    @abstractmethod
    def hang_up(self) -> None:
        """End the connection from any thread, so that the receiver notices."""

    def _write(self) -> None:
        while (task := self._outgoing.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - whatever it is, jobs must not wait for ever
                if not isinstance(error, ConnectionLost):
                    _log.error("sending failed", exc_info=True)
                self.hang_up()
                return


def require_same_version(hello: Hello, host: str) -> None:
    """Check that the other side has this version.

    Raises:
        CannotConnect: it has another.
    """
    if hello.wire != WIRE_VERSION or hello.version != VERSION:
        raise CannotConnect(
            f"{host} has Loopwright {hello.version}, and this machine {VERSION}: "
            "install the same version on both."
        )
