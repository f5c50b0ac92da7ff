"""Leaving a project: to quit, or for another one; asked first if work would be cut off or lost."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from desktop.app.stored import Stored
from desktop.app.unsaved import UnsavedChanges
from desktop.app.window import Window
from desktop.widgets.project_writer import ProjectWriter
from desktop.widgets.question import ask

Question = Callable[[], str]
"""Returns what must be asked before the window closes; empty if nothing."""

_STAY, _QUIT = "Stay", "Quit anyway"


class Leaving:
    """Closes the window, perhaps to open another project.

    Attributes:
        next_project: project folder to open after closing; None to quit.
    """

    def __init__(
        self,
        window: Window,
        project: Path,
        writer: ProjectWriter,
        parts: Sequence[Stored],
        questions: Sequence[Question],
        saves: Sequence[Callable[[], None]],
    ) -> None:
        """Ask before the window closes.

        Args:
            window: what closes.
            project: the open project.
            writer: writes the project's file.
            parts: what is in that file.
            questions: the first that asks something decides.
            saves: write what is kept at the end.
        """
        self._window = window
        self._project = project
        self._writer = writer
        self._parts = parts
        self._questions = questions
        self._saves = saves
        self.next_project: Path | None = None
        window.closing = self._may_close

    def choose_project(self) -> None:
        """Let the user choose another project folder, and open it."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Choose project folder", str(self._project)
        )
        if chosen:
            self.open_project(Path(chosen))

    def open_project(self, folder: Path) -> None:
        """Close this window and open another project, unless work is running that shall go on."""
        if folder != self._project:
            self.next_project = folder
            if not self._window.close():
                self.next_project = None

    def _may_close(self) -> bool:
        """Ask for confirmation if closing would interrupt running work, or lose changes."""
        question = next((asked for each in self._questions if (asked := each())), "")
        if question and ask(self._window, question, (_STAY, _QUIT)) == _STAY:
            return False
        for save in self._saves:
            save()
        return UnsavedChanges(self._window, self._writer, self._parts).may_close()
