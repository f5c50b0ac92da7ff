"""The engine's end of the pipe: commands in, events out, and when to exit.

There are four threads: this one reads commands, so that a cancel never waits for a job; others run
the jobs, run the downloads and send the heartbeat. Nothing slow is imported before `ready` is sent.
"""

import contextlib
import io
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

import msgspec

from engine.errors import DuplicateJob, ProtocolError
from engine.log import start_log
from engine.models.catalogue import Catalogue
from engine.models.store import ModelStore
from engine.protocol import (
    LONGEST_LINE_BYTES,
    PROTOCOL_VERSION,
    Analyse,
    Cancel,
    Command,
    Diagnose,
    Diagnosis,
    Download,
    Event,
    Failed,
    Heartbeat,
    ListModels,
    Models,
    Ping,
    Pong,
    Ready,
    Rejected,
    Render,
    Save,
    Shutdown,
    Unload,
    WriteMidi,
    decode_command,
    encode,
)
from engine.server.downloads import Downloads
from engine.server.priority import leave_room
from engine.server.queue import JobCommand, JobQueue
from engine.version import VERSION

HEARTBEAT_S = 1.0
ENDING_S = 2.0
"""How long a running job has to notice that it was cancelled, when the engine ends."""
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
}
_log = logging.getLogger(__name__)


def serve(catalogue: Catalogue) -> NoReturn:
    """Run the engine until stdin closes, then exit the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The front end handles Ctrl-C.
    start_log("engine")
    _go_offline()
    commands, events = private_pipes()
    leave_room()
    Server(commands, Outbox(events), catalogue).run()
    leave()


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Reserve stdin and stdout for the protocol.

    Model libraries print, and some prompt for input: descriptor 1 becomes stderr, descriptor 0 is
    empty. Child processes do not inherit the copies.
    """
    commands, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # Show printed text at once.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return commands, events


def _go_offline() -> None:
    """Keep the model libraries off the network: generating neither downloads nor reports anything.

    They read these variables when they are imported. Downloads run in their own process.
    """
    os.environ.update(OFFLINE)


def leave(status: int = 0) -> NoReturn:
    """Exit now: a model in the middle of a computation must not keep the process alive."""
    _log.info("engine exits with status %d", status)
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(status)


class Outbox:
    """Writes whole lines of events from any thread; exits the engine if the front end is gone."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`."""
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Write one event."""
        line = encode(event)
        try:
            with self._lock:
                self._stream.write(line)
                self._stream.flush()
        except OSError:
            _log.info("the front end is gone")
            leave()


class Server:
    """Handles commands until there are no more."""

    def __init__(self, commands: BinaryIO, outbox: Outbox, catalogue: Catalogue) -> None:
        """Read from `commands`, answer through `outbox`, render with the models of `catalogue`."""
        self._commands = commands
        self._outbox = outbox
        self._store = ModelStore(catalogue)
        self._jobs = JobQueue(outbox.send)
        self._downloads = JobQueue(outbox.send)

    def run(self) -> None:
        """Send `ready`, handle commands until `shutdown` or the end of stdin, then cancel jobs."""
        _log.info("ready, with models in %s", self._store.root)
        self._outbox.send(Ready(PROTOCOL_VERSION, VERSION, os.getpid()))
        _keep_freed_blocks()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        worker = threading.Thread(target=self._work, name="worker", daemon=True)
        worker.start()
        downloader = threading.Thread(target=self._download, name="downloads", daemon=True)
        downloader.start()
        for line in lines(self._commands):
            try:
                command = decode_command(line)
            except ProtocolError as error:
                self._refuse(line, error)
                continue
            if isinstance(command, Shutdown):
                _log.info("shutdown requested")
                break
            self._handle(command)
        else:
            _log.info("stdin closed")
        self._downloads.close()
        self._jobs.close()
        worker.join(ENDING_S)
        downloader.join(ENDING_S)

    def _handle(self, command: Command) -> None:
        match command:
            case Render() | Save() | Analyse() | WriteMidi():
                self._add(command, self._jobs)
            case Download():
                self._add(command, self._downloads)
            case Cancel():
                self._jobs.cancel(command.id)
                self._downloads.cancel(command.id)
            case Ping():
                self._outbox.send(Pong(command.id))
            case ListModels():
                self._outbox.send(Models(command.id, tuple(self._store.shown())))
            case Unload():
                self._jobs.request_unload(command)
            case Diagnose():
                from engine.server.diagnosis import diagnosis_facts

                self._outbox.send(Diagnosis(command.id, diagnosis_facts()))

    def _add(self, command: JobCommand, jobs: JobQueue) -> None:
        """Queue a job, unless its id is already in use."""
        if self._knows(command.id):
            _log.info("job %s rejected: its id is in use", command.id)
            self._outbox.send(Rejected(str(DuplicateJob(command.id))))
        else:
            jobs.add(command)

    def _knows(self, job_id: str) -> bool:
        return self._jobs.knows(job_id) or self._downloads.knows(job_id)

    def _refuse(self, line: bytes, error: ProtocolError) -> None:
        """Reject a line that is not a command; a render with a readable id ends in `Failed`."""
        job_id = _render_id(line)
        _log.info("refused a line of %d bytes: %s", len(line), type(error).__name__)
        _log.debug("refused: %s", error)
        if job_id is None or self._knows(job_id):
            self._outbox.send(Rejected(str(error)))
        else:
            self._outbox.send(Failed(job_id, 400, str(error)))

    def _work(self) -> None:
        try:
            # Imported here, since it imports numpy, which would delay `ready`.
            from engine.server.worker import Worker

            Worker(self._jobs, self._store, self._outbox.send).run()
        except BaseException:  # noqa: BLE001 - an engine without a worker must exit
            _log.critical("the worker failed", exc_info=True)
            traceback.print_exc()
            leave(1)

    def _download(self) -> None:
        try:
            Downloads(self._downloads, self._store, self._outbox.send).run()
        except BaseException:  # noqa: BLE001 - as above
            _log.critical("the downloads failed", exc_info=True)
            traceback.print_exc()
            leave(1)

    def _beat(self) -> None:
        never = threading.Event()
        while not never.wait(HEARTBEAT_S):
            self._outbox.send(Heartbeat(self._jobs.open_jobs + self._downloads.open_jobs))


def _keep_freed_blocks() -> None:
    # Imported after `ready`, like all that is slow to import.
    from engine.server.free_memory import keep_freed_blocks

    keep_freed_blocks()


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines; cut a line that is too long, so that it is rejected, and skip its rest."""
    while line := stream.readline(LONGEST_LINE_BYTES + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE_BYTES)


class _RenderHead(msgspec.Struct, tag_field="type", tag="render"):
    id: str


def _render_id(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_RenderHead).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
