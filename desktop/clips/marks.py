"""The titles, stars and tags that users give to clips, stored by clip id in the project file."""

import contextlib
from pathlib import Path

import msgspec

from desktop.clips.rows import Mark
from desktop.state.project_file import ProjectFile, Section, change_entry

_SECTION = "clips"


class Marks:
    """The marks of one project as last read or written here; other programs may change the file."""

    def __init__(self, project: Path) -> None:
        self._file = ProjectFile(project)
        self._known: dict[str, Mark] = {}

    def read(self) -> dict[str, Mark]:
        """Return all valid marks by clip id."""
        marks = {}
        for clip_id, fields in self._file.section(_SECTION).items():
            with contextlib.suppress(msgspec.ValidationError):
                marks[clip_id] = msgspec.convert(fields, Mark)
        self._known = dict(marks)
        return marks

    def write(self, marks: dict[str, Mark]) -> None:
        """Store marks by clip id: the fields that differ from those last read or written here.

        Raises:
            ProjectError: the folder cannot be written to.
        """

        def change(clips: Section) -> None:
            for clip_id, mark in marks.items():
                change_entry(clips, clip_id, self._known.get(clip_id, Mark()), mark)

        self._file.change(_SECTION, change, what="marks")
        self._known |= marks
