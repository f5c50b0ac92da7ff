"""Supervises one engine from the client's start to its close: reads, stops and restarts it.

The engine owns the state of its jobs; this side only remembers which requests have no reply yet.
Each request gets exactly one reply: from the engine or, if the engine is gone, from here.
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
    Analyse,
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
    Save,
    Shutdown,
    TakeReady,
    Understood,
    Unload,
    Unloaded,
    WriteMidi,
    decode_event,
    encode,
)

Request = Render | Ping | ListModels | Diagnose | Download | Save | Analyse | WriteMidi | Unload
_Reply = Done | Failed | Cancelled | Pong | Models | Diagnosis | Unloaded
_TICK_S = 0.25
_SECOND_CHANCES = 1
_log = logging.getLogger(__name__)


class _PendingRequest:
    """A request that has no reply yet."""

    def __init__(self, request: Request, line: bytes) -> None:
        self.id = request.id
        self.line = line
        self.is_render = isinstance(request, Render)
        self.is_analysis = isinstance(request, Analyse)
        self.sent = False
        self.running = False
        self.has_takes = False
        self.engines_ended = 0
        self.cancelled_at: float | None = None

    @property
    def is_finished_by_exit(self) -> bool:
        """Whether the exit of an engine ends the request, rather than starting it again.

        A job that was cancelled is not started again; nor is one with takes, which would then
        exist twice, or one that has probably ended an engine before.
        """
        cancelled = self.cancelled_at is not None
        return cancelled or self.has_takes or self.engines_ended > _SECOND_CHANCES


class Supervision:
    """Keeps an engine running, on its own thread, until `close` or until it fails too often.

    Any thread may call `send`, `cancel` and `close`, and so may the callbacks.
    """

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits,
        on_event: Callable[[Event], None],
        on_exit: Callable[[EngineExit], None],
    ) -> None:
        """Prepare without starting anything; see `start`."""
        self._command = command
        self._limits = limits
        self._on_event = on_event
        self._on_exit = on_exit
        self._lock = threading.RLock()
        self._pending: dict[str, _PendingRequest] = {}
        self._child: EngineChild | None = None
        self._ready = False
        self._open = True
        self._closing = False
        self._restarts = 0
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> bool:
        """Whether it accepts requests: an engine is running or about to start."""
        return self._open

    def start(self, after: "Supervision | None") -> None:
        """Start on a new thread, once the thread of `after` has ended."""
        self._thread = threading.Thread(
            target=self._run, args=(after,), name="engine-client", daemon=True
        )
        self._thread.start()

    def send(self, request: Request, line: bytes) -> None:
        """Send a request, whose encoded line is `line`, now or once an engine is ready.

        Raises:
            EngineDied: the supervision was closed, or the engine failed too often.
        """
        with self._lock:
            if not self._open:
                raise EngineDied("The engine is not running: start it again.")
            pending = self._pending[request.id] = _PendingRequest(request, line)
            if self._ready:
                self._send(pending)

    def cancel(self, job_id: str) -> None:
        """Cancel a queued or running job; do nothing if it has ended."""
        with self._lock:
            pending = self._pending.get(job_id)
            if pending is None or pending.cancelled_at is not None:
                return
            pending.cancelled_at = time.monotonic()
            if pending.sent and self._child is not None:
                self._child.send(encode(Cancel(job_id)))

    def close(self) -> None:
        """Stop the engine and cancel its jobs; return at once if called from a callback."""
        with self._lock:
            self._open, self._closing = False, True
            if self._child is not None:
                self._child.wake()
        self.join()

    def join(self) -> None:
        """Wait for the thread to end; return at once if called from a callback."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _send(self, pending: _PendingRequest) -> None:
        if self._child is None:
            return
        pending.sent = True
        self._child.send(pending.line)
        if pending.cancelled_at is not None:
            self._child.send(encode(Cancel(pending.id)))

    # Everything below runs on the supervision's thread.

    def _run(self, previous: "Supervision | None") -> None:
        if previous is not None:
            previous.join()
        restart = True
        while restart:
            began_at = time.monotonic()
            ended = self._run_engine()
            if time.monotonic() - began_at > self._limits.stable_s:
                self._restarts = 0
            with _shielded("on_exit"):
                self._on_exit(ended)
            restart = self._after_exit(ended)

    def _run_engine(self) -> EngineExit:
        """Start an engine and read its events until it has exited."""
        try:
            child = EngineChild(self._command, self._limits)
        except OSError as error:
            reason = f"{self._command[0]}: {(error.strerror or str(error)).lower()}"
            _log.warning("engine cannot be started", exc_info=True)
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
        # Count ticks instead of elapsed time: if the computer slept, or a callback took long, that
        # does not mean that the engine is silent.
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
        """Stop an engine that does not start, respond or cancel a job in time."""
        if not self._ready and silent_s > self._limits.ready_s:
            child.end(f"was not ready after {self._limits.ready_s:g} s")
        elif self._ready and silent_s > self._limits.silence_s:
            child.end(f"was silent for {self._limits.silence_s:g} s")
        latest = time.monotonic() - self._limits.cancel_s
        for pending in self._unanswered():
            cancelled_at = pending.cancelled_at
            if pending.running and cancelled_at is not None and cancelled_at < latest:
                child.end(f"did not cancel a job within {self._limits.cancel_s:g} s")

    def _receive(self, child: EngineChild, line: bytes) -> bool:
        """Forward an event; return False for a line that is not one, or comes before `ready`."""
        try:
            event = decode_event(line)
        except ProtocolError:
            child.garbage_lines += 1
            return False
        if isinstance(event, Ready):
            self._begin(child, event)
        elif self._ready and self._accept(event):
            self._emit(event)
        return self._ready

    def _begin(self, child: EngineChild, ready: Ready) -> None:
        """Send a new engine every request without a reply, in the original order."""
        if ready.protocol != PROTOCOL_VERSION:
            child.end(f"speaks protocol {ready.protocol}, not {PROTOCOL_VERSION}")
            return
        if self._ready:
            return
        _log.info("engine %s is ready as process %d", ready.version, ready.pid)
        self._emit(ready)
        for pending in self._unanswered():
            if pending.cancelled_at is not None:
                self._reply(Cancelled(pending.id))
        with self._lock:
            self._ready = True
            for pending in self._pending.values():
                self._send(pending)

    def _accept(self, event: Event) -> bool:
        """Update the state of a request; return False for repeated or unrequested replies."""
        if isinstance(event, Ready | Heartbeat | Rejected):
            return True
        with self._lock:
            pending = self._pending.get(event.id)
            if pending is None:
                return False
            if isinstance(event, _Reply):
                del self._pending[event.id]
            if isinstance(event, Done):
                self._restarts = 0
            if isinstance(event, Queued):
                pending.running = event.position == 0
            elif isinstance(event, Understood | Progress | TakeReady):
                pending.running = True
                pending.has_takes |= isinstance(event, TakeReady)
        return True

    def _after_exit(self, ended: EngineExit) -> bool:
        """Reply to the requests that an exit ends, and return whether to restart the engine.

        An engine that exits while it has requests was probably ended by one of them, which gets a
        second chance. Only exits for which no request can be blamed count as failing too often.
        """
        with self._lock:
            suspect = self._suspect()
            if suspect is None:
                self._restarts += 1
            else:
                suspect.engines_ended += 1
            self._open = not self._closing and self._restarts <= self._limits.restarts
            lost = [
                pending
                for pending in self._pending.values()
                if not self._open
                or ((pending.running or pending is suspect) and pending.is_finished_by_exit)
            ]
            for pending in self._pending.values():
                pending.sent = pending.running = False
        if not self._closing:
            _log.warning("%d jobs lost; restarting the engine: %s", len(lost), self._open)
        for pending in lost:
            if self._closing or pending.cancelled_at is not None:
                self._reply(Cancelled(pending.id))
            else:
                message = f"{ended} {self._advice(pending)}"
                self._reply(Failed(pending.id, 503, message, ended.detail))
        return self._open

    def _suspect(self) -> _PendingRequest | None:
        """Return the request that the engine most likely was working on when it exited.

        Downloads do their work in another process, so a render is suspected first.
        """
        sent = [pending for pending in self._pending.values() if pending.sent]
        return min(sent, key=lambda each: (not each.running, not each.is_render), default=None)

    def _advice(self, lost: _PendingRequest) -> str:
        if not self._open:
            return "It failed too often to be restarted: see the details."
        if lost.has_takes:
            return (
                "It has been restarted, but this job's remaining takes were lost: "
                "ask for them again."
            )
        if lost.is_analysis:
            return "It was analysing this file for the second time: leave the file out."
        return (
            "It was working on this job for the second time: ask for fewer bars or takes, or "
            "choose another model."
        )

    def _unanswered(self) -> list[_PendingRequest]:
        with self._lock:
            return list(self._pending.values())

    def _reply(self, event: Failed | Cancelled) -> None:
        with self._lock:
            known = self._pending.pop(event.id, None)
        if known is not None:
            self._emit(event)

    def _emit(self, event: Event) -> None:
        with _shielded("on_event"):
            self._on_event(event)


def _log_exit(ended: EngineExit, *, was_ready: bool) -> None:
    """Log how an engine ended; once it had jobs, its output may quote their prompts."""
    expected = ended.was_successful()
    _log.log(
        logging.INFO if expected else logging.WARNING,
        "%s status %s, %d lines were not messages", ended, ended.status, ended.garbage_lines,
    )  # fmt: skip
    if not expected:
        level = logging.DEBUG if was_ready else logging.INFO
        _log.log(level, "its last lines on stderr:\n%s", ended.detail)


@contextlib.contextmanager
def _shielded(name: str) -> Iterator[None]:
    """Keep an error in a front end's callback from ending the supervision."""
    try:
        yield
    except Exception:  # noqa: BLE001 - a callback may raise anything
        _log.exception("%s failed", name)
