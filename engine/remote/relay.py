"""The relay: what a front end starts in place of the engine, if that runs on another machine.

A process of its own (`python -P -m engine.remote.relay`), at the front end's end of the pipe like
the engine. One thread reads commands, one keeps the connection and reads what the host sends, and
one per connection writes to it.
"""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO, NoReturn, TypeVar

from engine import protocol
from engine.entry_points import engine_elsewhere
from engine.errors import EngineError, ProtocolError
from engine.log import start_log
from engine.loops.errors import LoopError
from engine.remote.connection import CannotConnect, Connection
from engine.remote.place import Place, SshPlace
from engine.remote.requests import MOST_TIMES_SENT, OpenRequest
from engine.remote.ssh import SshConnection
from engine.remote.uploads import Uploads
from engine.remote.wire import ConnectionLost, MidiSent, PreviewSent, Received, TakeSent, ToRelay
from engine.server.main import HEARTBEAT_S, Outbox, leave, lines, private_pipes
from engine.version import VERSION

RECONNECT_S = 300.0
"""How long a lost connection is tried again while something is open."""
_QUESTIONS = protocol.ListModels | protocol.Diagnose | protocol.Unload
_WAITS_S = (0.5, 1, 2, 5, 10)
_log = logging.getLogger(__name__)
PlaceT = TypeVar("PlaceT", bound=Place)


class Relay:
    """Passes commands to a host, and what it makes to the front end, until stdin closes."""

    def __init__(
        self,
        host: str,
        connect: Callable[[], Connection],
        commands: BinaryIO,
        outbox: Outbox,
        reconnect_s: float = RECONNECT_S,
    ) -> None:
        """Read from `commands`, answer through `outbox`; see `run`.

        Args:
            host: the name of the other side, for the screen.
            connect: returns a new connection to it, or raises `CannotConnect`.
            commands: what the front end sends.
            outbox: where its answers go.
            reconnect_s: how long a lost connection is tried again while something is open.
        """
        self._host = host
        self._connect = connect
        self._reconnect_s = reconnect_s
        self._commands = commands
        self._emit = outbox.send
        self._lock = threading.RLock()
        self._open: dict[str, OpenRequest] = {}
        self._connection: Connection | None = None
        self._uploads = Uploads()
        self._wake = threading.Event()
        self._closing = False

    def run(self) -> None:
        """Say ready, which needs no connection yet, and handle commands."""
        self._emit(protocol.Ready(protocol.PROTOCOL_VERSION, VERSION, os.getpid()))
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        keeper = threading.Thread(target=self._keep, name="connection", daemon=True)
        keeper.start()
        for line in lines(self._commands):
            try:
                command = protocol.decode_command(line)
            except ProtocolError as error:
                self._emit(protocol.Rejected(str(error)))
                continue
            if isinstance(command, protocol.Shutdown):
                break
            self._handle(command)
        self._closing = True
        self._wake.set()
        with self._lock:
            connection = self._connection
        if connection is not None:
            connection.close()

    def _handle(self, command: protocol.Command) -> None:
        match command:
            case protocol.Ping():
                self._emit(protocol.Pong(command.id))
            case protocol.Cancel():
                self._cancel(command)
            case protocol.Save():
                message = "Takes from another machine are not kept in memory: render them again."
                self._emit(protocol.Failed(command.id, 400, message))
            case protocol.Shutdown():
                pass
            case _:
                self._begin(OpenRequest(command))

    def _begin(self, request: OpenRequest) -> None:
        try:
            request.check_project()
        except LoopError as error:
            self._emit(protocol.Failed(request.id, 500, str(error)))
            return
        with self._lock:
            self._open[request.id] = request
            if not isinstance(request.command, _QUESTIONS):
                self._emit(protocol.Queued(request.id, len(self._open) - 1))
            if self._connection is not None:
                self._send(self._connection, request)
        self._wake.set()

    def _cancel(self, command: protocol.Cancel) -> None:
        with self._lock:
            request = self._open.get(command.id)
            if request is None:
                return
            request.is_cancelled = True
            if self._connection is not None and request.is_there:
                self._connection.send(command)
                return
        self._end(request, protocol.Cancelled(command.id))

    def _send(self, connection: Connection, request: OpenRequest) -> None:
        """Send a request, after the files that it needs."""
        request.begin()

        def send() -> None:
            try:
                command = self._uploads.sent(request.command, connection)
            except (LoopError, OSError) as error:
                self._end(request, protocol.Failed(request.id, 400, str(error)))
                return
            with self._lock:  # a cancel finds it either here or there
                if request.id not in self._open:
                    return
                request.is_there = True
            connection.wire.send(command)

        connection.then(send)

    def _end(self, request: OpenRequest, event: protocol.Reply) -> None:
        """Answer a request, once."""
        with self._lock:
            if self._open.pop(request.id, None) is None:
                return
        request.close()
        self._emit(event)  # type: ignore[arg-type]

    def _beat(self) -> None:
        never = threading.Event()
        while not never.wait(HEARTBEAT_S):
            self._emit(protocol.Heartbeat(len(self._open)))

    # What follows runs on the thread that keeps the connection.

    def _keep(self) -> None:
        try:
            self._keep_connected()
        except BaseException:  # noqa: BLE001 - a relay without it must exit
            _log.critical("the connection cannot be kept", exc_info=True)
            traceback.print_exc()
            leave(1)

    def _keep_connected(self) -> None:
        lost_at: float | None = None
        tries = 0
        while not self._closing:
            try:
                connection = self._connect()
            except CannotConnect as error:
                _log.info("no connection: %s", type(error).__name__)
                is_late = lost_at is None or time.monotonic() - lost_at > self._reconnect_s
                if is_late:
                    self._fail_all(str(error))
                    self._wait_for_requests()
                else:
                    self._wait(_WAITS_S[min(tries, len(_WAITS_S) - 1)])
                tries += 1
                continue
            tries = 0
            self._use(connection)
            lost_at = time.monotonic()
            if not self._after_loss():
                self._wait_for_requests()

    def _use(self, connection: Connection) -> None:
        """Send all open requests, and handle what comes until the connection is lost."""
        self._uploads.begin()
        with self._lock:
            self._connection = connection
            waiting = list(self._open.values())
            for request in waiting:
                self._send(connection, request)
        try:
            while True:
                self._on_message(connection, *connection.receive())
        except ConnectionLost as error:
            _log.info("connection ended: %s", error)
        finally:
            with self._lock:
                self._connection = None
            connection.close()

    def _after_loss(self) -> bool:
        """End what cannot be asked again; return whether anything is open."""
        with self._lock:
            requests = list(self._open.values())
        for request in requests:
            if request.is_cancelled:
                self._end(request, protocol.Cancelled(request.id))
            elif request.times_sent >= MOST_TIMES_SENT:
                message = f"The connection to {self._host} was lost twice during this: try again."
                self._end(request, protocol.Failed(request.id, 503, message))
            else:
                stage = f"reconnecting to {self._host}"
                self._emit(protocol.Progress(request.id, request.fraction, stage))
        return bool(self._open)

    def _fail_all(self, reason: str) -> None:
        with self._lock:
            requests = list(self._open.values())
        for request in requests:
            self._end(request, protocol.Failed(request.id, 503, reason))

    def _wait_for_requests(self) -> None:
        while not self._open and not self._closing:
            self._wake.clear()
            if not self._open:
                self._wake.wait()

    def _wait(self, seconds: float) -> None:
        self._wake.clear()
        self._wake.wait(seconds)

    def _on_message(self, connection: Connection, message: ToRelay, payload: bytes) -> None:
        with self._lock:
            request = self._open.get(getattr(message, "id", ""))
        if isinstance(message, TakeSent):
            self._on_take(request, message, payload)
            connection.send(Received(message.id))
        elif request is None:
            return
        elif isinstance(message, PreviewSent):
            self._emit_if(request.preview(message, payload))
        elif isinstance(message, MidiSent):
            self._on_midi(request, message, payload)
        elif isinstance(message, protocol.Terminal):
            self._end(request, request.ending(message))
        elif isinstance(message, protocol.Models | protocol.Diagnosis | protocol.Unloaded):
            self._end(request, message)
        elif isinstance(message, protocol.JobEvent):
            if isinstance(message, protocol.Progress):
                request.fraction = message.fraction
            self._emit(message)

    def _on_take(self, request: OpenRequest | None, sent: TakeSent, payload: bytes) -> None:
        if request is None or request.is_cancelled:
            return
        try:
            self._emit_if(request.take(sent, payload))
        except (LoopError, OSError) as error:
            self._end(request, protocol.Failed(request.id, 500, str(error)))

    def _on_midi(self, request: OpenRequest, sent: MidiSent, payload: bytes) -> None:
        try:
            self._emit_if(request.midi(sent, payload))
        except (LoopError, OSError) as error:
            self._end(request, protocol.Failed(request.id, 500, str(error)))

    def _emit_if(self, event: protocol.Event | None) -> None:
        if event is not None:
            self._emit(event)


def relay_to(
    parse: Callable[[str], PlaceT],
    connect: Callable[[PlaceT], Connection],
    reconnect_s: float = RECONNECT_S,
) -> NoReturn:
    """Relay between the front end and the place in the environment, then exit the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The front end handles Ctrl-C.
    start_log("engine")
    commands, events = private_pipes()
    try:
        place = parse(engine_elsewhere() or "")
    except EngineError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the front end shows it
        leave(1)
    Relay(place.host, lambda: connect(place), commands, Outbox(events), reconnect_s).run()
    leave()


def main() -> NoReturn:
    """Relay to a machine over ssh."""
    relay_to(SshPlace.parse, SshConnection)


if __name__ == "__main__":
    main()
