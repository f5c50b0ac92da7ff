"""The engine process as seen by the front end: three pipes, and how it is ended.

It knows lines, not messages; `engine.client.supervision` knows what they mean. Three threads serve
the three pipes, so that no pipe that is full or silent can block a front end.
"""

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import msgspec

from engine.client.engine_exit import EngineExit
from engine.protocol import LONGEST_LINE_BYTES

STDERR_LINES = 20
_LONGEST_STDERR_LINE = 2_000
_WAITING_LINES = 1_000
_ORPHANED_PIPE_S = 1.0
_log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The time limits of a front end.

    Attributes:
        ready_s: from the start to `ready`; long, since a first start reads cold files.
        silence_s: without a valid message; the engine sends a heartbeat each second.
        cancel_s: from a cancel to the end of that job, where it is running.
        ask_s: from asking the engine to end to terminating it.
        terminate_s: from terminating to killing it.
        kill_s: from killing it to giving up on it.
        restarts: how often in a row an engine that fails is started again.
        stable_s: after a life as long as this, or a job done, that count begins anew.
    """

    ready_s: float = 60.0
    silence_s: float = 5.0
    cancel_s: float = 15.0
    ask_s: float = 4.0
    terminate_s: float = 2.0
    kill_s: float = 2.0
    restarts: int = 3
    stable_s: float = 60.0


class EngineChild:
    """One engine process, from its start to its end.

    `send` and `wake` are for any thread, the rest for the one that calls `next_line` until
    `finished` and then `close`.
    """

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        """Start the process, in a working folder and a session of its own.

        Raises:
            OSError: it cannot be started.
        """
        self._folder = tempfile.mkdtemp(prefix="loopwright-engine-")
        try:
            self._process = _popen(command, self._folder)
        except OSError:
            _remove_if_empty(self._folder)
            raise
        _log.info("engine starts as process %d", self._process.pid)
        self.garbage_lines = 0
        self._ladder = _Ladder(self._process, limits)
        self._lines: queue.Queue[bytes | None] = queue.Queue(_WAITING_LINES)
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._end_of_lines = False
        self._dead_at: float | None = None
        self._threads = [
            _serve(self._read_lines, self._process.stdout),
            _serve(self._read_stderr, self._process.stderr),
            _serve(self._write_lines, self._process.stdin),
        ]

    def send(self, line: bytes) -> None:
        """Queue a line for its stdin; never blocks."""
        self._outgoing.put(line)

    def wake(self) -> None:
        """Make `next_line` return at once."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(b"")

    def next_line(self, timeout_s: float) -> bytes | None:
        """Return the next line from its stdout; None or nothing where there is none in time."""
        if self._end_of_lines:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
            return None
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if line is None:
            self._end_of_lines = True
            self._ladder.wait("closed its output")
        elif len(line) > LONGEST_LINE_BYTES:
            self.end(f"sent a line of over {LONGEST_LINE_BYTES // 2**20} MB")
        return line

    def ask(self, last_line: bytes) -> None:
        """Ask it to end: send a last line and close its stdin; terminate and kill follow."""
        if self._ladder.ask():
            self._outgoing.put(last_line)
            self._outgoing.put(None)

    def end(self, fault: str) -> None:
        """Terminate it, and kill it if that does not help; `fault` says why: "was silent"."""
        self._ladder.end(fault)

    @property
    def finished(self) -> bool:
        """Whether it is gone and all that it said was read; or it cannot be ended."""
        if self._process.poll() is None:
            return self._ladder.climb_in_time()
        if self._end_of_lines:
            return True
        # What the process has started may hold the pipe open: do not wait for that.
        self._dead_at = self._dead_at or time.monotonic()
        return time.monotonic() > self._dead_at + _ORPHANED_PIPE_S and self._lines.empty()

    def close(self) -> EngineExit:
        """Release a finished process and return how it ended."""
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join(0.5)
        _remove_if_empty(self._folder)
        return EngineExit(
            status=self._process.poll(),
            asked=self._ladder.asked,
            fault=self._ladder.fault,
            stderr=tuple(self._stderr),
            garbage_lines=self.garbage_lines,
        )

    def _read_lines(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while line := pipe.readline(LONGEST_LINE_BYTES + 1):
                self._lines.put(line)
                if len(line) > LONGEST_LINE_BYTES:
                    break
        self._lines.put(None)

    def _read_stderr(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while line := pipe.readline(_LONGEST_STDERR_LINE):
                self._stderr.append(line.decode("utf-8", "replace").rstrip())

    def _write_lines(self, pipe: IO[bytes]) -> None:
        # An engine that is gone is noticed where its lines are read.
        with contextlib.suppress(OSError, ValueError), pipe:
            while (line := self._outgoing.get()) is not None:
                pipe.write(line)
                pipe.flush()


class _Ladder:
    """The way to the end of a process: ask, terminate, kill, each with its time limit."""

    def __init__(self, process: "subprocess.Popen[bytes]", limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._rungs: list[tuple[float, str, Callable[[], None]]] = []
        self._next_at = 0.0
        self.asked = False
        self.fault = ""

    def ask(self) -> bool:
        """Give it time to end by itself; False where its end has begun already."""
        if self.asked or self.fault:
            return False
        self.asked = True
        _log.info("engine process %d is asked to end", self._process.pid)
        self._wait(self._limits.ask_s, "did not end when it was asked to")
        return True

    def wait(self, fault: str) -> None:
        """Give it time to end by itself; if it does not, that is its fault."""
        if not self._rungs:
            self._wait(self._limits.terminate_s, fault)

    def end(self, fault: str) -> None:
        """End it now."""
        if not self.fault and self._process.poll() is None:
            self._wait(0.0, fault)
            self._climb()

    def climb_in_time(self) -> bool:
        """Climb on where time is up; True where there is nothing left to try."""
        if not self._next_at or time.monotonic() < self._next_at:
            return False
        if not self._rungs:
            return True
        self._climb()
        return False

    def _wait(self, patience_s: float, fault: str) -> None:
        self._rungs = [
            (self._limits.terminate_s, fault, self._process.terminate),
            (self._limits.kill_s, "", self._kill),
        ]
        self._next_at = time.monotonic() + patience_s

    def _climb(self) -> None:
        patience_s, fault, act = self._rungs.pop(0)
        self.fault = self.fault or fault
        _log.info("engine process %d %s: %s", self._process.pid, self.fault, act.__name__)
        act()
        self._next_at = time.monotonic() + patience_s

    def _kill(self) -> None:
        if sys.platform != "win32" and self._process.poll() is None:
            # It leads a process group of its own: what it has started goes with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()


def _popen(command: Sequence[str], folder: str) -> "subprocess.Popen[bytes]":
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(  # noqa: S603 - the command is ours, see engine.entry_points
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
        creationflags=flags,
    )


def _remove_if_empty(folder: str) -> None:
    # What a model library left in it is for the system's cleaner.
    with contextlib.suppress(OSError):
        Path(folder).rmdir()


def _serve(work: Callable[[IO[bytes]], None], pipe: IO[bytes] | None) -> threading.Thread:
    thread = threading.Thread(target=work, args=(pipe,), name="engine-pipe", daemon=True)
    thread.start()
    return thread
