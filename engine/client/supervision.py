"""Supervises one engine, from the client's start to its close: reads, ends and restarts it.

The engine owns the state of its jobs; this side only remembers which questions have no answer
yet. Each of them gets exactly one: from the engine or, where that is gone, from here.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from engine.client.child import EngineChild, Limits
from engine.client.engine_exit import EngineExit
from engine.errors import EngineDied, ProtocolError
from engine.protocol import (
    PROTOCOL_VERSION,
    Cancel,
    Cancelled,
    Diagnose,
    Diagnosis,
    Done,
    Download,
    Event,
    Failed,
    Heartbeat,
    ListModels,
    Models,
    Ping,
    Pong,
    Progress,
    Queued,
    Ready,
    Rejected,
    Render,
    Shutdown,
    TakeReady,
    Understood,
    Unload,
    Unloaded,
    decode_event,
    encode,
)

Question = Render | Ping | ListModels | Diagnose | Download | Unload
_Answer = Done | Failed | Cancelled | Pong | Models | Diagnosis | Unloaded
_TICK_S = 0.25
_log = logging.getLogger(__name__)


class _PendingRequest:
    """A question that has no answer yet."""

    def __init__(self, question: Question, line: bytes) -> None:
        self.id = question.id
        self.line = line
        self.sent = False
        self.running = False
        self.cancelled_at: float | None = None


class Supervision:
    """Keeps an engine running on a thread of its own until `close`, or until it fails too often.

    `ask`, `cancel` and `close` may be called from any thread, also from the callbacks.
    """

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits,
        on_event: Callable[[Event], None],
        on_exit: Callable[[EngineExit], None],
    ) -> None:
        """Prepare; see `start`."""
        self._command = command
        self._limits = limits
        self._on_event = on_event
        self._on_exit = on_exit
        self._lock = threading.RLock()
        self._asked: dict[str, _PendingRequest] = {}
        self._child: EngineChild | None = None
        self._ready = False
        self._open = True
        self._closing = False
        self._restarts = 0
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> bool:
        """Whether questions are taken: there is an engine, or there will be one."""
        return self._open

    def start(self, after: "Supervision | None") -> None:
        """Begin on a new thread, once the one of `after` has ended."""
        self._thread = threading.Thread(
            target=self._run, args=(after,), name="engine-client", daemon=True
        )
        self._thread.start()

    def ask(self, question: Question, line: bytes) -> None:
        """Send a question, given as message and as line, now or as soon as an engine is ready.

        Raises:
            EngineDied: it was closed, or the engine failed too often.
        """
        with self._lock:
            if not self._open:
                raise EngineDied("The engine is not running: start it again.")
            asked = self._asked[question.id] = _PendingRequest(question, line)
            if self._ready:
                self._send(asked)

    def cancel(self, job_id: str) -> None:
        """End a job, queued or running; one that has ended is left alone."""
        with self._lock:
            asked = self._asked.get(job_id)
            if asked is None or asked.cancelled_at is not None:
                return
            asked.cancelled_at = time.monotonic()
            if asked.sent and self._child is not None:
                self._child.send(encode(Cancel(job_id)))

    def close(self) -> None:
        """End the engine and cancel its jobs; returns at once when called from a callback."""
        with self._lock:
            self._open, self._closing = False, True
            if self._child is not None:
                self._child.wake()
        self.join()

    def join(self) -> None:
        """Wait for the end; returns at once when called from a callback."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _send(self, asked: _PendingRequest) -> None:
        if self._child is None:
            return
        asked.sent = True
        self._child.send(asked.line)
        if asked.cancelled_at is not None:
            self._child.send(encode(Cancel(asked.id)))

    # From here on: on the thread of the supervision.

    def _run(self, previous: "Supervision | None") -> None:
        if previous is not None:
            previous.join()
        goes_on = True
        while goes_on:
            began_at = time.monotonic()
            ended = self._one_life()
            if time.monotonic() - began_at > self._limits.stable_s:
                self._restarts = 0
            with _shielded("on_exit"):
                self._on_exit(ended)
            goes_on = self._goes_on(ended)

    def _one_life(self) -> EngineExit:
        """Start an engine and listen to it until it is gone."""
        try:
            child = EngineChild(self._command, self._limits)
        except OSError as error:
            reason = f"{self._command[0]}: {(error.strerror or str(error)).lower()}"
            _log.info("engine cannot be started", exc_info=True)
            return EngineExit(started=False, fault=reason)
        with self._lock:
            self._child = child
        self._listen(child)
        with self._lock:
            was_ready, self._child, self._ready = self._ready, None, False
        ended = child.close()
        _log_exit(ended, was_ready=was_ready)
        return ended

    def _listen(self, child: EngineChild) -> None:
        # Ticks are counted, not the time that passed: a computer that slept, or a callback that
        # took long, is no engine that is silent.
        silent_s = 0.0
        while not child.finished:
            if self._closing:
                child.ask(encode(Shutdown()))
            began_at = time.monotonic()
            line = child.next_line(_TICK_S)
            if line and self._receive(child, line):
                silent_s = 0.0
            else:
                silent_s += min(time.monotonic() - began_at, _TICK_S)
            self._check(child, silent_s)

    def _check(self, child: EngineChild, silent_s: float) -> None:
        """End an engine that does not start, answer, or obey in time."""
        if not self._ready and silent_s > self._limits.ready_s:
            child.end(f"was not ready after {self._limits.ready_s:g} s")
        elif self._ready and silent_s > self._limits.silence_s:
            child.end(f"was silent for {self._limits.silence_s:g} s")
        latest = time.monotonic() - self._limits.cancel_s
        for asked in self._unanswered():
            if asked.running and asked.cancelled_at is not None and asked.cancelled_at < latest:
                child.end(f"did not cancel a job within {self._limits.cancel_s:g} s")

    def _receive(self, child: EngineChild, line: bytes) -> bool:
        """Pass an event on; returns False for a line that is none, or comes before `ready`."""
        try:
            event = decode_event(line)
        except ProtocolError:
            child.garbage_lines += 1
            return False
        if isinstance(event, Ready):
            self._begin(child, event)
        elif self._ready and self._is_news(event):
            self._tell(event)
        return self._ready

    def _begin(self, child: EngineChild, ready: Ready) -> None:
        """Send a new engine everything that has no answer yet, in the order it was asked."""
        if ready.protocol != PROTOCOL_VERSION:
            child.end(f"speaks protocol {ready.protocol}, not {PROTOCOL_VERSION}")
            return
        if self._ready:
            return
        _log.info("engine %s is ready as process %d", ready.version, ready.pid)
        self._tell(ready)
        for asked in self._unanswered():
            if asked.cancelled_at is not None:
                self._answer(Cancelled(asked.id))
        with self._lock:
            self._ready = True
            for asked in self._asked.values():
                self._send(asked)

    def _is_news(self, event: Event) -> bool:
        """Note what an event says; False where it repeats an answer, or nobody asked for it."""
        if isinstance(event, Ready | Heartbeat | Rejected):
            return True
        with self._lock:
            asked = self._asked.get(event.id)
            if asked is None:
                return False
            if isinstance(event, _Answer):
                del self._asked[event.id]
            if isinstance(event, Done):
                self._restarts = 0
            if isinstance(event, Queued):
                asked.running = event.position == 0
            elif isinstance(event, Understood | Progress | TakeReady):
                asked.running = True
        return True

    def _goes_on(self, ended: EngineExit) -> bool:
        """Answer what the end of an engine has cost; returns whether to start another."""
        self._restarts += 1
        with self._lock:
            self._open = not self._closing and self._restarts <= self._limits.restarts
            lost = [asked for asked in self._asked.values() if asked.running or not self._open]
            for asked in self._asked.values():
                asked.sent = asked.running = False
        if not self._closing:
            _log.info("%d jobs lost; engine starts again: %s", len(lost), self._open)
        advice = (
            "It was started again; this job is lost, so ask for it again."
            if self._open
            else "It failed too often to be started again: see the details."
        )
        for asked in lost:
            if self._closing or asked.cancelled_at is not None:
                self._answer(Cancelled(asked.id))
            else:
                self._answer(Failed(asked.id, 503, f"{ended} {advice}", ended.detail))
        return self._open

    def _unanswered(self) -> list[_PendingRequest]:
        with self._lock:
            return list(self._asked.values())

    def _answer(self, event: Failed | Cancelled) -> None:
        with self._lock:
            known = self._asked.pop(event.id, None)
        if known is not None:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        with _shielded("on_event"):
            self._on_event(event)


def _log_exit(ended: EngineExit, *, was_ready: bool) -> None:
    """Log how an engine ended; what one printed that had jobs may quote their prompts."""
    _log.info("%s status %s, %d lines were no messages", ended, ended.status, ended.garbage_lines)
    if not ended.was_successful():
        level = logging.DEBUG if was_ready else logging.INFO
        _log.log(level, "its last lines on stderr:\n%s", ended.detail)


@contextlib.contextmanager
def _shielded(name: str) -> Iterator[None]:
    """Keep a front end's mistake in a callback from ending the supervision."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever a front end gets wrong
        _log.exception("%s failed", name)
