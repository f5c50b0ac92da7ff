"""Runs downloads one at a time, each in its own process, and reports their progress.

A cancelled download stops at once, whatever the state of its connection; the next attempt resumes
from the data that has arrived.
"""

import contextlib
import logging
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from typing import IO

import msgspec

from engine.entry_points import download_command
from engine.errors import EngineError, UnknownModel
from engine.models.child import ChildEvent
from engine.models.fetch import DownloadSpec
from engine.models.store import ModelStore
from engine.protocol import Cancelled, Done, Event, Failed, Progress, Terminal
from engine.server.queue import Job, JobQueue

_POLL_S = 0.1
_END_S = 2.0
_log = logging.getLogger(__name__)
_ONLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_QUIET = {
    # Transfers by Xet cannot be resumed after a cancel.
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


class Downloads:
    """Runs the jobs of a queue of downloads."""

    def __init__(self, jobs: JobQueue, store: ModelStore, emit: Callable[[Event], None]) -> None:
        """Take downloads from `jobs`, save models in `store`, and pass events to `emit`."""
        self._jobs = jobs
        self._store = store
        self._emit = emit

    def run(self) -> None:
        """Run downloads until the queue is closed."""
        while (job := self._jobs.start_next()) is not None:
            self._jobs.finish(job, self._outcome(job))

    def _outcome(self, job: Job) -> Terminal:
        try:
            entry = self._store.catalogue.entry(job.model)
            if not entry.hub:
                return Done(job.id, ())  # A built-in model: there is nothing to download.
            return self._fetched(job, DownloadSpec(entry, str(self._store.root)))
        except UnknownModel as error:
            _log.info("download %s: unknown model", job.id)
            return Failed(job.id, 404, str(error))
        except EngineError as error:
            _log.warning("download %s fails: %s", job.id, error)
            return Failed(job.id, 500, str(error))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            _log.warning("download %s cannot be started", job.id, exc_info=True)
            return Failed(job.id, 500, f"The download could not be started: {reason}; try again.")

    def _fetched(self, job: Job, spec: DownloadSpec) -> Terminal:
        """Run the process of a download until it exits or the job is cancelled."""
        process = subprocess.Popen(  # noqa: S603 - our own command
            download_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        _log.info("download %s runs as process %d", job.id, process.pid)
        lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            _send(process, spec)
            return self._listen(job, lines)
        finally:
            _end(process)
            reader.join(_END_S)

    def _listen(self, job: Job, lines: "queue.SimpleQueue[bytes | None]") -> Terminal:
        while not job.cancel_requested:
            try:
                line = lines.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if line is None:
                _log.warning("the process of download %s ended without an answer", job.id)
                return Failed(job.id, 500, "The download process exited unexpectedly: try again.")
            event = msgspec.json.decode(line, type=ChildEvent)
            if event.done:
                return Done(job.id, ())
            if event.failed:
                _log.info("download %s fails: %s", job.id, event.failed)
                return Failed(job.id, 500, event.failed, event.detail)
            self._emit(Progress(job.id, event.fraction, event.stage))
        return Cancelled(job.id)


def _environment() -> dict[str, str]:
    """Return the environment of a download process, which unlike this one is online."""
    kept = {name: value for name, value in os.environ.items() if name not in _ONLINE}
    return kept | _QUIET


def _send(process: "subprocess.Popen[bytes]", spec: DownloadSpec) -> None:
    # If the process has already exited, `_listen` notices.
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.write(msgspec.json.encode(spec) + b"\n")
            process.stdin.flush()


def _read(stream: IO[bytes] | None, lines: "queue.SimpleQueue[bytes | None]") -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream or ():
            lines.put(line)
    lines.put(None)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process; it has no state to lose."""
    process.kill()
    _log.info("download process %d exited with status %d", process.pid, process.wait())
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
