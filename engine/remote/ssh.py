"""A connection over ssh: its process, its streams, and why it ended."""

import contextlib
import subprocess
import threading
from collections import deque
from typing import IO

from engine.errors import ProtocolError
from engine.remote.connection import CannotConnect, Connection, require_same_version
from engine.remote.place import SshPlace
from engine.remote.wire import TO_RELAY, WIRE_VERSION, ConnectionLost, Hello, Wire
from engine.version import VERSION

_HELLO_S = 60.0
_NOISE_LINES = 200
"""How many lines a login may print before the host says hello."""
_STDERR_LINES = 20
_CLOSE_S = 5.0
_NOT_FOUND = 127


class SshConnection(Connection):
    """A connection to a host over ssh."""

    def __init__(self, place: SshPlace) -> None:
        """Connect, which may take some seconds.

        Raises:
            CannotConnect: ssh, the machine or the program there does not answer as it should.
        """
        self._place = place
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
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
        self._reader = threading.Thread(target=self._read_stderr, args=(errors,), daemon=True)
        self._reader.start()
        super().__init__(Wire(reading, writing, TO_RELAY))  # type: ignore[arg-type]
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End ssh; the host ends when its streams close."""
        super().close()
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

    def hang_up(self) -> None:
        """End ssh, so that the receiver notices."""
        with contextlib.suppress(OSError):
            self._ssh.terminate()

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
        require_same_version(hello, self._place.host)
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
        self._reader.join(_CLOSE_S)
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
