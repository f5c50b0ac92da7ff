"""The layers of a project, stored in its file."""

import contextlib
from pathlib import Path

import msgspec

from desktop.layers.lanes import EMPTY, Lane
from desktop.state.project_file import ProjectFile, Section, change_entry
from playback.layer_voices import MAX_LAYERS

_SECTION = "layers"


class LaneStore:
    """The lanes of one project as last read or written here; others may change the file."""

    def __init__(self, project: Path) -> None:
        self._file = ProjectFile(project)
        self._known: dict[int, Lane] = {}

    def read(self) -> dict[int, Lane]:
        """Return all valid lanes that have a loop, by place."""
        lanes = {}
        for number, fields in self._file.section(_SECTION).items():
            with contextlib.suppress(msgspec.ValidationError, ValueError):
                if 1 <= int(number) <= MAX_LAYERS:
                    lanes[int(number) - 1] = msgspec.convert(fields, Lane)
        self._known = lanes
        return {place: lane for place, lane in lanes.items() if lane.clip}

    def write(self, lanes: dict[int, Lane]) -> None:
        """Store lanes by place; an empty one is removed.

        Of a lane, the fields are stored that differ from those last read or written here.

        Raises:
            ProjectError: the folder cannot be written to.
        """

        def change(section: Section) -> None:
            for place, lane in lanes.items():
                number = str(place + 1)
                if lane == EMPTY:
                    section.pop(number, None)
                else:
                    change_entry(section, number, self._known.get(place, EMPTY), lane)

        self._file.change(_SECTION, change, what="layers")
        self._known |= lanes
