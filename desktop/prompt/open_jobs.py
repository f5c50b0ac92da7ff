"""The open jobs, each with its last known state.

The engine owns the state of a job. A job is listed from the request until it is done, failed or
cancelled.
"""

import time
from collections import deque
from collections.abc import Callable

import msgspec

from engine import protocol
from engine.loops.request import LoopRequest

_FRACTION_TO_JUDGE = 0.05
_MOST_ENDED = 256


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `position` is its place in the engine's queue; `begun_s` is None while it waits.

    `origin` is the client that requested it, empty for the window. A `titled` job keeps its title;
    others take the one that the engine derives. `has_preview` is whether there is sound to play.
    """

    id: str
    title: str
    takes: int = 1
    position: int = 0
    fraction: float = 0.0
    stage: str = ""
    begun_s: float | None = None
    cancelling: bool = False
    origin: str = ""
    titled: bool = False
    has_preview: bool = False

    def left_s(self, now_s: float) -> float | None:
        """Return the estimated time left in seconds; None if it is not known yet."""
        if self.begun_s is None or self.fraction < _FRACTION_TO_JUDGE:
            return None
        return (now_s - self.begun_s) * (1 - self.fraction) / self.fraction

    def state_text(self) -> str:
        """Return the state in short, and the client if another one than the window requested it."""
        return f"{self._state()} · from {self.origin}" if self.origin else self._state()

    def _state(self) -> str:
        if self.cancelling:
            return "cancelling"
        if self.begun_s is None:
            return "waiting" if self.position == 0 else f"waiting, {self.position} ahead"
        return self.stage or "starting"

    def spoken(self, now_s: float) -> str:
        """Return the text of the job for a screen reader."""
        left = self.left_s(now_s)
        parts = [self.title, self.state_text(), f"{self.fraction:.0%}"]
        return ", ".join(parts if left is None else [*parts, f"{left:.0f} seconds left"])


class OpenJobs:
    """The open jobs, in the order in which they were requested.

    `on_change` is called after each change: with the index of the row that changed, or None if rows
    were added or removed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.on_change: Callable[[int | None], None] = lambda _place: None
        self._clock = clock
        self._rows: list[JobRow] = []
        self._ended: deque[str] = deque(maxlen=_MOST_ENDED)

    @property
    def rows(self) -> list[JobRow]:
        """All open jobs."""
        return list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def why_stay(self) -> str:
        """Return what to ask before the window closes; empty if nothing is being made."""
        going_on = "Loops are still being made. They will be cancelled."
        return going_on if self._rows else ""

    def now_s(self) -> float:
        """Return the current time on the clock of `begun_s`, in seconds."""
        return self._clock()

    def add(self, job_id: str, request: LoopRequest, origin: str = "", title: str = "") -> None:
        """Add a new job, unless it has already ended.

        Args:
            job_id: id from the engine.
            request: what was requested.
            origin: the client; empty for the window.
            title: fixed title; if empty, the one that the engine derives from the prompt.
        """
        if job_id in self._ended:
            return
        row = JobRow(
            id=job_id, title=title or request.prompt, takes=request.takes, origin=origin,
            titled=bool(title),
        )  # fmt: skip
        self._rows.append(row)
        self.on_change(None)

    def is_from_others(self, job_id: str) -> bool:
        """Return whether an open job was requested by another client."""
        return any(row.id == job_id and row.origin for row in self._rows)

    def cancelling(self, job_id: str) -> None:
        """Show that a job is being cancelled."""
        self._replace(job_id, cancelling=True)

    def on_event(self, event: protocol.Event) -> None:
        """Handle an engine event."""
        match event:
            case protocol.Queued():  # Also when a job begins again, after the engine has failed.
                self._replace(
                    event.id, position=event.position, fraction=0.0, stage="", begun_s=None,
                    has_preview=False,
                )  # fmt: skip
            case protocol.Understood():
                self._replace(event.id, begun_s=self._clock())
                self._name(event)
            case protocol.Progress():
                self._on_progress(event)
            case protocol.Preview():
                self._replace(event.id, has_preview=True)
            case protocol.Done() | protocol.Failed() | protocol.Cancelled():
                self._remove(event.id)
            case _:
                pass

    def _name(self, event: protocol.Understood) -> None:
        if any(row.id == event.id and not row.titled for row in self._rows):
            self._replace(event.id, title=event.title)

    def _on_progress(self, event: protocol.Progress) -> None:
        row = next((row for row in self._rows if row.id == event.id), None)
        if row is not None:
            begun_s = self._clock() if row.begun_s is None else row.begun_s
            self._replace(event.id, fraction=event.fraction, stage=event.stage, begun_s=begun_s)

    def _replace(self, job_id: str, **changes: object) -> None:
        for place, row in enumerate(self._rows):
            if row.id == job_id:
                self._rows[place] = msgspec.structs.replace(row, **changes)
                self.on_change(place)

    def _remove(self, job_id: str) -> None:
        self._ended.append(job_id)
        rows = [row for row in self._rows if row.id != job_id]
        if len(rows) != len(self._rows):
            self._rows = rows
            self.on_change(None)
