"""The engine process as the front end sees it: three pipes, and how the process is stopped.

This module handles lines; `engine.client.supervision` interprets them as messages. Each pipe has
its own thread, so a full or silent pipe can never block a front end.
"""

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

import msgspec

from engine.client.engine_exit import EngineExit
from engine.protocol import LONGEST_LINE_BYTES
from engine.spawn import remove_folder, spawn

STDERR_LINES = 20
_LONGEST_STDERR_LINE = 2_000
_WAITING_LINES = 1_000
_ORPHANED_PIPE_S = 1.0
_log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The time limits of a front end.

    Attributes:
        ready_s: from the start to `ready`; long, since the first start reads from a cold disk.
        silence_s: without a valid message; the engine sends a heartbeat every second.
        cancel_s: from a cancel to the end of that job, if it is running.
        ask_s: from asking the engine to exit to terminating it.
        terminate_s: from terminating to killing it.
        kill_s: from killing it to giving up on it.
        restarts: how many times in a row an engine is restarted that fails without having work.
        stable_s: an engine that runs this long, or finishes a job, resets that count.
    """

    ready_s: float = 60.0
    silence_s: float = 4.5
    cancel_s: float = 15.0
    ask_s: float = 4.0
    terminate_s: float = 0.5
    kill_s: float = 2.0
    restarts: int = 3
    stable_s: float = 60.0


class EngineChild:
    """One engine process, from start to exit.

    Any thread may call `send` and `wake`. Everything else belongs to the thread that calls
    `next_line` until `finished`, and then `close`.
    """

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        """Start the process in its own working folder and session.

        Raises:
            OSError: the process cannot be started.
        """
        self._process, self._folder = spawn(command)
        _log.info("engine started as process %d", self._process.pid)
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
        """Return the next line of its stdout; None or an empty line if none arrives in time."""
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
        """Ask it to exit: send a last line and close its stdin; then terminate and kill it."""
        if self._ladder.ask():
            self._outgoing.put(last_line)
            self._outgoing.put(None)

    def end(self, fault: str) -> None:
        """Terminate it, then kill it if needed; `fault` is the reason, such as "was silent"."""
        self._ladder.end(fault)

    @property
    def finished(self) -> bool:
        """Whether it has exited and all its output was read, or it cannot be stopped."""
        if self._process.poll() is None:
            return self._ladder.climb_in_time()
        if self._end_of_lines:
            return True
        # Its own children may still hold the pipe open: do not wait for them.
        self._dead_at = self._dead_at or time.monotonic()
        return time.monotonic() > self._dead_at + _ORPHANED_PIPE_S and self._lines.empty()

    def close(self) -> EngineExit:
        """Release a finished process and return how it ended."""
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join(0.5)
        remove_folder(self._folder)
        return EngineExit(
            status=self._process.poll(),
            requested=self._ladder.requested,
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
        # The reader notices when the engine has exited.
        with contextlib.suppress(OSError, ValueError), pipe:
            while (line := self._outgoing.get()) is not None:
                pipe.write(line)
                pipe.flush()


class _Ladder:
    """The steps that stop a process: ask, terminate, kill, each with a time limit."""

    def __init__(self, process: "subprocess.Popen[bytes]", limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._rungs: list[tuple[float, str, Callable[[], None]]] = []
        self._next_at = 0.0
        self.requested = False
        self.fault = ""

    def ask(self) -> bool:
        """Give it time to exit by itself; return False if it is already being stopped."""
        if self.requested or self.fault:
            return False
        self.requested = True
        _log.info("asked engine process %d to exit", self._process.pid)
        self._wait(self._limits.ask_s, "did not exit when asked to")
        return True

    def wait(self, fault: str) -> None:
        """Give it time to exit by itself; if it does not, `fault` is the reason to stop it."""
        if not self._rungs:
            self._wait(self._limits.terminate_s, fault)

    def end(self, fault: str) -> None:
        """Stop it now."""
        if not self.fault and self._process.poll() is None:
            self._wait(0.0, fault)
            self._climb()

    def climb_in_time(self) -> bool:
        """Take the next step if time is up; return True if there is nothing left to try."""
        if not self._next_at or time.monotonic() < self._next_at:
            return False
        if not self._rungs:
            return True
        self._climb()
        return False

    def _wait(self, timeout_s: float, fault: str) -> None:
        self._rungs = [
            (self._limits.terminate_s, fault, self._process.terminate),
            (self._limits.kill_s, "", self._kill),
        ]
        self._next_at = time.monotonic() + timeout_s

    def _climb(self) -> None:
        timeout_s, fault, act = self._rungs.pop(0)
        self.fault = self.fault or fault
        _log.info("engine process %d %s: %s", self._process.pid, self.fault, act.__name__)
        act()
        self._next_at = time.monotonic() + timeout_s

    def _kill(self) -> None:
        if sys.platform != "win32" and self._process.poll() is None:
            # It leads its own process group, so this kills its children too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()


def _serve(work: Callable[[IO[bytes]], None], pipe: IO[bytes] | None) -> threading.Thread:
    thread = threading.Thread(target=work, args=(pipe,), name="engine-pipe", daemon=True)
    thread.start()
    return thread
