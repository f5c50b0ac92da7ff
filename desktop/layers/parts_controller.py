"""Asks for parts that fit the layers, shows them while they are made, and adds them."""

import dataclasses
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.clips.part_files import why_no_notes
from desktop.clips.rows import ClipRow
from desktop.layers.around import Around
from desktop.layers.lane_signals import ShownLane
from desktop.layers.lane_wave import LaneFace
from desktop.layers.lanes import EMPTY
from desktop.layers.parts import caption_of, missing_parts, part_named, part_request
from desktop.prompt.open_jobs import JobRow
from desktop.transport.fitting import Sound
from engine.loops.derive import plays_together

_LOOK_MS = 250
_NOTHING_HEARD = "Add a loop first: a part is made to fit the layers."


@dataclasses.dataclass(frozen=True)
class Heard:
    """A loop in a lane, and its sound as it is heard there."""

    place: int
    row: ClipRow
    sound: Sound

    @property
    def is_transposed(self) -> bool:
        """Whether it is heard in another key than its own."""
        return self.row.recipe is not None and self.sound.recipe.key != self.row.recipe.key

    @property
    def has_notes(self) -> bool:
        """Whether its notes are known."""
        return not why_no_notes(self.row)


class PartsController(QObject):
    """Handles the parts that were asked for; they join the layers when they are there."""

    changed = Signal()
    """What is shown of the parts has changed."""

    def __init__(self, around: Around) -> None:
        super().__init__()
        self.heard: Callable[[], list[Heard]] = list
        """Returns the loops that a part fits."""
        self.add: Callable[[list[ClipRow]], None] = lambda _rows: None
        """Adds loops to the layers."""
        self._generation = around.generation
        self._models = around.models
        self._open_jobs = around.open_jobs
        self._collection = around.collection
        self._fitted = around.hear.fitted
        self._notices = around.notices
        self._roles: dict[str, str] = {}
        """The role of each part that is being made, by the id of its job."""
        self._arriving: list[str] = []
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def ask(self, role: str) -> None:
        """Ask for a part of a role that fits what is heard."""
        heard = self.heard()
        if not heard:
            self._notices.info(_NOTHING_HEARD, topic="layers")
            return
        loops = [(each.row.id, each.sound) for each in heard]
        # A part follows chords and groove, whatever the tempo: the loops themselves tell them.
        paths = [each.sound.path if each.is_transposed else each.row.path for each in heard]
        request = part_request(
            role, loops, self._fitted.time, self._models(), takes=self._generation.takes
        )
        job_id = self._generation.ask(
            request, paths[0], fits=paths[1:],
            title=f"Add {part_named(role)}", on_made=self._take,
        )  # fmt: skip
        if job_id:
            self._roles[job_id] = role
            self._timer.start()
            self.changed.emit()

    def offered(self, roles: Iterable[str]) -> list[str]:
        """Return the roles to offer for layers of some roles, with the model that would play."""
        return missing_parts(roles, together=plays_together(self._models()))

    def cancel(self, number: int) -> None:
        """Cancel one of the parts that are being made, counted from 0."""
        self._generation.cancel(list(self._roles)[number])

    def shown(self) -> list[ShownLane]:
        """Return the parts that are being made; their places count down from -1."""
        jobs = {job.id: job for job in self._open_jobs.rows}
        return [
            ShownLane(-1 - number, EMPTY, _face_of(role, jobs.get(job_id), self._now_s()), None)
            for number, (job_id, role) in enumerate(self._roles.items())
        ]

    def rows_changed(self) -> None:
        """Add what has been made, as soon as it is in the project."""
        rows = [row for each in self._arriving if (row := self._collection.row(each)) is not None]
        ids = {row.id for row in rows}
        self._arriving = [each for each in self._arriving if each not in ids]
        if rows:
            self.add(rows)

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def _now_s(self) -> float:
        return self._open_jobs.now_s()

    def _take(self, clip_id: str) -> None:
        self._arriving.append(clip_id)
        self.rows_changed()

    def _look(self) -> None:
        """Show how far the parts are; forget those whose jobs have ended."""
        open_now = {job.id for job in self._open_jobs.rows}
        self._roles = {job: role for job, role in self._roles.items() if job in open_now}
        if not self._roles:
            self._timer.stop()
        self.changed.emit()


def _face_of(role: str, job: JobRow | None, now_s: float) -> LaneFace:
    left_s = None if job is None else job.left_s(now_s)
    left = "" if left_s is None else f", {left_s:.0f} s left"
    fraction = 0.0 if job is None else job.fraction
    note = f"Making a part that fits{left}"
    return LaneFace(title=caption_of(role).capitalize(), role=role, note=note, making=fraction)
