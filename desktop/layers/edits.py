"""Writes changed lanes to the project file."""

from pathlib import Path

from desktop.layers.lanes import Lane
from desktop.layers.store import LaneStore
from desktop.state.notices import Notices
from desktop.widgets.project_writer import ProjectWriter

WRITE_AFTER_S = 0.4


class LaneEdits:
    """Writes lanes soon after they change; quick changes, as of a level, are written together.

    A change that cannot be written stays in its lane, since somebody hears it; writing is tried
    again with the next change and when the window closes.
    """

    def __init__(self, project: Path, writer: ProjectWriter, notices: Notices) -> None:
        self._store = LaneStore(project)
        self._writer = writer
        self._notices = notices
        self._lanes: dict[int, Lane] = {}

    def read(self) -> dict[int, Lane]:
        """Return the stored lanes by place; on any thread."""
        return self._store.read()

    def with_unsaved(self, lanes: dict[int, Lane]) -> dict[int, Lane]:
        """Return stored lanes with the changes that are not stored yet."""
        return {place: lane for place, lane in (lanes | self._lanes).items() if lane.clip}

    def keep(self, place: int, lane: Lane) -> None:
        """Store a lane; an empty one is removed."""
        self._lanes[place] = lane
        self._write(WRITE_AFTER_S)

    def save(self) -> None:
        """Write all unsaved changes now."""
        if self._lanes:
            self._write(0.0)

    def _write(self, after_s: float) -> None:
        lanes = self._lanes.copy()

        def forget() -> None:
            self._lanes = {at: lane for at, lane in self._lanes.items() if lanes.get(at) != lane}

        self._writer.write(
            lambda: self._store.write(lanes), forget, self._complain, key="layers",
            after_s=after_s,
        )  # fmt: skip

    def _complain(self, error: Exception) -> None:
        self._notices.error(str(error), topic="layers")
