"""What users give to clips, such as titles and edits, stored by clip id in the project file."""

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from desktop.clips.rows import Mark
from desktop.state.project_file import ProjectFile, Section, change_entry
from engine.loops.edits import Edits

_SECTION = "clips"


class Marks:
    """The marks of one project as last read or written here; other programs may change the file."""

    def __init__(self, project: Path) -> None:
        self._file = ProjectFile(project)
        self._known: dict[str, Mark] = {}

    def read(self) -> dict[str, Mark]:
        """Return all marks by clip id; a value that cannot be used is left out."""
        marks = {}
        for clip_id, fields in self._file.section(_SECTION).items():
            if isinstance(fields, dict):
                marks[clip_id] = _mark_of(fields)
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


def _mark_of(stored: Section) -> Mark:
    """Return the mark that an entry of the file holds."""
    fields: dict[str, Any] = {"edits": Edits.of_stored(stored.get("edits"))}
    for field in msgspec.structs.fields(Mark):
        if field.name in stored and field.name not in fields:
            with contextlib.suppress(msgspec.ValidationError):
                fields[field.name] = msgspec.convert(stored[field.name], field.type)
    return Mark(**fields)
