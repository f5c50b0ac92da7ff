"""What a project's file holds, read when its window opens and when its folder is back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from desktop.state.notices import Notices
from desktop.state.project_file import ProjectFile
from desktop.widgets.project_writer import ProjectWriter

Write = Callable[[Path], None]
"""Writes part of what a project's file holds to the file of another folder."""


class Stored(Protocol):
    """A part of the window whose contents are in the project's file."""

    def read(self) -> Callable[[], None]:
        """Read them, on the writer's thread; return what shows them, on the window's."""

    def snapshot(self) -> Write:
        """Return a function that writes what the part shows now."""


def read_stored(
    project: Path,
    writer: ProjectWriter,
    parts: Sequence[Stored],
    notices: Notices,
    then: Callable[[], None],
) -> None:
    """Let parts of the window show what is stored, warn of a damaged file, and call `then`."""

    def read() -> list[Callable[[], None]]:
        problem = ProjectFile(project).problem()
        return [lambda: warn(problem), *(part.read() for part in parts)]

    def warn(problem: str) -> None:
        if problem:
            notices.warning(problem, topic="project file")

    def show(shows: list[Callable[[], None]]) -> None:
        for each in shows:
            each()
        then()

    writer.read(read, show)
