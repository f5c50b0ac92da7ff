"""One connection to a host: the ssh process, its streams, and why it ended."""

import contextlib
import logging
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import IO

from engine.errors import EngineError, ProtocolError
from engine.protocol import Message
from engine.remote.place import SshPlace
from engine.remote.wire import TO_RELAY, WIRE_VERSION, ConnectionLost, Hello, ToRelay, Wire
from engine.version import VERSION

_HELLO_S = 60.0
_NOISE_LINES = 200
"""How many lines a login may print before the host says hello."""
_STDERR_LINES = 20
_CLOSE_S = 5.0
_NOT_FOUND = 127
_log = logging.getLogger(__name__)


class CannotConnect(EngineError):
    """There is no host at the other end, or one of another version."""


class Connection:
    """A connection that has said hello. Any thread may send; one thread receives."""

    def __init__(self, place: SshPlace) -> None:
        """Connect, which may take some seconds.

        Raises:
            CannotConnect: ssh, the machine or the program there does not answer as it should.
        """
        self._place = place
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._outgoing: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        try:
            self._ssh = subprocess.Popen(  # noqa: S603 - a fixed program; the place was checked
                place.command(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise CannotConnect(
                "The program ssh was not found on this machine: install OpenSSH's client."
            ) from error
        reading, writing, errors = self._ssh.stdout, self._ssh.stdin, self._ssh.stderr
        if reading is None or writing is None or errors is None:
            raise CannotConnect("ssh has no streams.")
        self.wire = Wire(reading, writing, TO_RELAY)  # type: ignore[arg-type]
        self._threads = [
            threading.Thread(target=self._read_stderr, args=(errors,), daemon=True),
            threading.Thread(target=self._write, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

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
        """End ssh; the host ends when its streams close."""
        self._outgoing.put(None)
        with contextlib.suppress(OSError):
            self._ssh.terminate()
        try:
            self._ssh.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._ssh.kill()
            self._ssh.wait()
        # Not stderr: a master connection of ssh may hold it open, and closing would wait for it.
        for stream in (self._ssh.stdin, self._ssh.stdout):
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()

    def _greet(self) -> None:
        timer = threading.Timer(_HELLO_S, self._ssh.terminate)
        timer.daemon = True
        timer.start()
        try:
            hello = self._first_message()
        except ConnectionLost as error:
            raise CannotConnect(self._why_no_hello()) from error
        finally:
            timer.cancel()
        if hello.wire != WIRE_VERSION or hello.version != VERSION:
            raise CannotConnect(
                f"{self._place.host} has Loopwright {hello.version}, and this machine {VERSION}: "
                "install the same version on both."
            )
        self.send(Hello(WIRE_VERSION, VERSION))

    def _first_message(self) -> Hello:
        for _ in range(_NOISE_LINES):
            with contextlib.suppress(ProtocolError):  # what the login there prints
                message, _payload = self.wire.receive()
                if isinstance(message, Hello):
                    return message
        raise ConnectionLost("The host does not say hello.")

    def _why_no_hello(self) -> str:
        """Return why there is no host, from what ssh says."""
        try:
            status = self._ssh.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            status = None
        self._threads[0].join(_CLOSE_S)
        last = next((line for line in reversed(self._stderr) if line.strip()), "")
        host = self._place.host
        if status == _NOT_FOUND or "not found" in last:
            return (
                f"Loopwright was not found on {host}: install it there as docs/remote.md says, or "
                f"give its path as in ssh://{host}/home/me/loopwright/bin/loopwright."
            )
        reason = last.removeprefix("ssh: ").strip().rstrip(".") or "it did not answer"
        return f"{host} cannot be reached ({reason[:200]}): try 'ssh {host}' in a terminal."

    def _read_stderr(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            for line in stream:
                self._stderr.append(line.decode("utf-8", "replace").rstrip())

    def _write(self) -> None:
        while (task := self._outgoing.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - whatever it is, jobs must not wait for ever
                if not isinstance(error, ConnectionLost):
                    _log.error("sending failed", exc_info=True)
                with contextlib.suppress(OSError):
                    self._ssh.terminate()  # the receiver notices
                return
