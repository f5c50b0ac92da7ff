"""The titles, stars and tags that users give to clips, stored by clip id in the project file."""

import contextlib
from pathlib import Path

import msgspec

from desktop.clips.rows import Mark
from desktop.state.project_file import ProjectFile, Section

_SECTION = "clips"


class Marks:
    """The marks of one project."""

    def __init__(self, project: Path) -> None:
        self._file = ProjectFile(project)

    def read(self) -> dict[str, Mark]:
        """Return all valid marks by clip id."""
        marks = {}
        for clip_id, fields in self._file.section(_SECTION).items():
            with contextlib.suppress(msgspec.ValidationError):
                marks[clip_id] = msgspec.convert(fields, Mark)
        return marks

    def write(self, marks: dict[str, Mark]) -> None:
        """Store marks by clip id; the file keeps those of other clips.

        Raises:
            ProjectError: the folder cannot be written to.
        """

        def change(clips: Section) -> None:
            for clip_id, mark in marks.items():
                clips[clip_id] = msgspec.to_builtins(mark)
                if not clips[clip_id]:
                    del clips[clip_id]

        self._file.change(_SECTION, change, what="marks")
