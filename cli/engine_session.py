"""Runs an engine for the length of one command: one job from start to end, and Ctrl-C.

The engine's events arrive on the client's thread and signals on the main thread; both go into
one queue, which the main thread reads.
"""

import contextlib
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import NamedTuple, NoReturn, Self

from cli.parser import NO_SOURCES, SourcePaths
from engine import protocol
from engine.client import EngineClient, EngineExit
from engine.loops.request import LoopRequest

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_CANCEL_LIMIT_S = 10.0
_WAKE_S = 0.5


class Interrupt(NamedTuple):
    """A signal that asks the program to exit."""

    number: int

    @property
    def exit_code(self) -> int:
        """The exit code that shells use for this signal: 130 for Ctrl-C."""
        return 128 + self.number


class Outcome(NamedTuple):
    """How a job ended; `ending` is None if the engine did not report it in time."""

    ending: protocol.Terminal | None
    interrupt: Interrupt | None


@contextmanager
def signals_to(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have a function called for the signals that end a program, unless they are ignored."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # A shell ignores them for background jobs.
    changed = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
    for number in changed:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in changed.items():
            signal.signal(number, old)


class EngineSession:
    """An engine that runs from the start to the end of a `with` block.

    The first Ctrl-C (or SIGTERM) cancels the running job; the second ends the program and the
    engine at once.
    """

    def __init__(self) -> None:
        """Prepare the engine; it starts with the `with` block."""
        self._queue: queue.SimpleQueue[protocol.Event | Interrupt] = queue.SimpleQueue()
        self._client = EngineClient(self._on_event, on_exit=self._on_engine_exit)
        self._engine_pid: int | None = None
        self._interrupt: Interrupt | None = None
        self._signals = ExitStack()

    def __enter__(self) -> Self:
        self._signals.enter_context(signals_to(self._on_signal))
        self._client.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
        self._signals.close()

    def render(
        self,
        request: LoopRequest,
        project: Path,
        show: Callable[[protocol.Event], None],
        sources: SourcePaths = NO_SOURCES,
    ) -> Outcome:
        """Run one job to its end, passing its events to `show` as they arrive."""
        source, other, fits, kit = sources
        job = self._client.render(request, project, source, other, fits=fits, kit=kit)
        return self._run_to_end(job, show)

    def render_clips(
        self,
        request: LoopRequest,
        project: Path,
        show: Callable[[protocol.Event], None],
        sources: SourcePaths = NO_SOURCES,
    ) -> tuple[list[Path], Outcome]:
        """Run one job as `render` does; return the clips that it made, too."""
        clips: list[Path] = []

        def note(event: protocol.Event) -> None:
            show(event)
            if isinstance(event, protocol.TakeReady):
                clips.append(Path(event.clip.path))

        return clips, self.render(request, project, note, sources)

    def download(self, model_id: str, show: Callable[[protocol.Event], None]) -> Outcome:
        """Download a model, passing the events to `show` as they arrive."""
        return self._run_to_end(self._client.download(model_id), show)

    def analyse(self, path: Path, show: Callable[[protocol.Event], None]) -> Outcome:
        """Analyse an audio file, passing the events to `show` as they arrive."""
        return self._run_to_end(self._client.analyse(path), show)

    def write_midi(
        self, clip: Path, folder: Path, show: Callable[[protocol.Event], None]
    ) -> Outcome:
        """Write the MIDI file of a clip, passing the events to `show` as they arrive."""
        return self._run_to_end(self._client.write_midi(clip, folder), show)

    def _run_to_end(self, job: str, show: Callable[[protocol.Event], None]) -> Outcome:
        give_up_at: float | None = None
        cancelled_by: Interrupt | None = None
        while give_up_at is None or time.monotonic() < give_up_at:
            event = self._next()
            if isinstance(event, Interrupt):
                self._client.cancel(job)
                cancelled_by = event
                give_up_at = time.monotonic() + _CANCEL_LIMIT_S
            elif isinstance(event, protocol.JobEvent) and event.id == job:
                show(event)
                if isinstance(event, protocol.Terminal):
                    return Outcome(event, cancelled_by)
        return Outcome(None, cancelled_by)

    def diagnose(self, limit_s: float) -> protocol.Diagnosis | protocol.Failed | None:
        """Return the engine's diagnosis of itself, or None if it does not answer in time.

        Raises:
            SystemExit: the user interrupts the wait.
        """
        event = self._answer(self._client.diagnose(), limit_s)
        return event if isinstance(event, protocol.Diagnosis | protocol.Failed) else None

    def list_models(self, limit_s: float) -> protocol.Models | protocol.Failed | None:
        """Return the models of the machine with the engine, or None if it does not answer in time.

        Raises:
            SystemExit: the user interrupts the wait.
        """
        event = self._answer(self._client.list_models(), limit_s)
        return event if isinstance(event, protocol.Models | protocol.Failed) else None

    def _answer(self, request: str, limit_s: float) -> protocol.Reply | None:
        give_up_at = time.monotonic() + limit_s
        while time.monotonic() < give_up_at:
            event = self._next()
            if isinstance(event, Interrupt):
                raise SystemExit(event.exit_code)
            if isinstance(event, protocol.Reply) and event.id == request:
                return event
        return None

    def _next(self) -> protocol.Event | Interrupt | None:
        try:
            # Windows delivers signals only between waits, so every wait has a limit.
            return self._queue.get(timeout=_WAKE_S)
        except queue.Empty:
            return None

    def _on_event(self, event: protocol.Event) -> None:
        if isinstance(event, protocol.Ready):
            self._engine_pid = event.pid
        self._queue.put(event)

    def _on_engine_exit(self, _ended: EngineExit) -> None:
        self._engine_pid = None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._interrupt is not None:
            self._exit_at_once(number)
        self._interrupt = Interrupt(number)
        self._queue.put(self._interrupt)

    def _exit_at_once(self, number: int) -> NoReturn:
        """End the program and the engine, which may be in the middle of a computation.

        An engine that is not ready yet exits by itself when its stdin closes.
        """
        if self._engine_pid is not None and sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.killpg(self._engine_pid, signal.SIGKILL)  # the engine leads a process group
        os._exit(Interrupt(number).exit_code)
