"""Has the engine write stems and MIDI files of clips into a folder, one job after the other."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine import protocol
from engine.client import Engine, restarting
from engine.errors import EngineDied
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest


class PartsOf(NamedTuple):
    """What to write of a clip: its stems, by a request; or its notes, without one."""

    clip: Path
    request: LoopRequest | None = None


Written = list[tuple[PartsOf, Path]]
"""Files, each with what it was written for."""


class PartsExport:
    """Carries out one list at a time; the engine's events come through `on_event`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: list[PartsOf] = []
        self._job: str | None = None
        self._folder = Path()
        self._report: Callable[[int], None] = lambda _done: None
        self._finish: Callable[[Written, list[str]], None] = lambda _files, _problems: None
        self._part: PartsOf | None = None
        self._done = 0
        self._written: Written = []
        self._problems: list[str] = []

    def write(
        self,
        wanted: Sequence[PartsOf],
        folder: Path,
        report: Callable[[int], None],
        finish: Callable[[Written, list[str]], None],
    ) -> None:
        """Write parts into a folder that exists.

        Args:
            wanted: what to write.
            folder: where to.
            report: called with the number of entries of `wanted` that are done.
            finish: called at the end, or once it is cancelled, with the files that were written,
                each with its entry, and a sentence for each entry that failed.
        """
        self._waiting, self._folder = list(wanted), folder
        self._report, self._finish = report, finish
        self._done, self._written, self._problems = 0, [], []
        self._next()

    def cancel(self) -> None:
        """Begin no further entry, and cancel the one that is being written."""
        self._waiting = []
        if self._job is not None:
            self._engine.cancel(self._job)

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to a job of this export."""
        if not isinstance(event, protocol.JobEvent) or event.id != self._job:
            return False
        match event:
            case protocol.TakeReady():
                self._keep(event.clip.path)
            case protocol.MidiWritten():
                self._keep(event.path)
            case protocol.Failed():
                self._problems.append(event.message)
        if isinstance(event, protocol.Terminal):
            self._job = None
            self._done += 1
            self._report(self._done)
            self._next()
        return True

    def _keep(self, path: str) -> None:
        if self._part is not None:
            self._written.append((self._part, Path(path)))

    def _next(self) -> None:
        while self._waiting:
            part = self._part = self._waiting.pop(0)
            try:
                self._job = restarting(self._engine, partial(self._send, part))
            except (LoopError, EngineDied) as error:
                self._problems.append(str(error))
            else:
                return
        self._finish(self._written, self._problems)

    def _send(self, part: PartsOf) -> str:
        if part.request is None:
            return self._engine.write_midi(part.clip, self._folder)
        return self._engine.render(part.request, self._folder, part.clip)
