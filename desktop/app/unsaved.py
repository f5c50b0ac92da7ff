"""Closing the window with changes that its project cannot store: they are saved elsewhere, or not.

Titles, stars, tags, pads and layers are in one file, `loopwright.json`. If the project's disk is
full, or gone, or another program keeps the file locked, that file can be written to another folder,
from where it can be copied into the project later.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.app.stored import Stored, Write
from desktop.state.project_file import FILE_NAME
from desktop.widgets.project_writer import ProjectWriter
from desktop.widgets.question import ask
from engine.loops.errors import ProjectError

_STAY, _DISCARD, _SAVE = "Stay open", "Discard", "Save elsewhere…"
_FURTHER = "What shall happen to the changes?"


class UnsavedChanges:
    """What could not be saved to the project, when the window closes."""

    def __init__(self, window: QWidget, writer: ProjectWriter, parts: Sequence[Stored]) -> None:
        """Watch what `writer` writes of some parts of the window."""
        self._window = window
        self._writer = writer
        self._parts = parts

    def may_close(self) -> bool:
        """Return whether all is saved, in the project or elsewhere, or may be discarded."""
        problem = self._writer.finish()
        if not problem:
            return True
        while problem:
            answer = ask(self._window, problem, (_STAY, _DISCARD, _SAVE), _FURTHER)
            if answer == _STAY:
                return False
            problem = "" if answer == _DISCARD else self._save_elsewhere()
        self._writer.give_up()
        return True

    def _save_elsewhere(self) -> str:
        """Let the user choose a folder and write to it; return what is still unsaved, or why."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Save titles, stars, pads and layers in"
        )
        if not chosen:
            return "The changes are not saved."
        try:  # Here and not by the writer, which may still wait for the project's disk.
            _write_new([part.snapshot() for part in self._parts], Path(chosen))
        except ProjectError as error:
            return str(error)
        return ""


def _write_new(writes: Sequence[Write], folder: Path) -> None:
    if (folder / FILE_NAME).exists():
        raise ProjectError(folder, "has titles and pads of its own", "choose another one")
    for write in writes:
        write(folder)
