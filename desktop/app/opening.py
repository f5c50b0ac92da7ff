"""Opens the project of the window, whatever its folder is like: the window always opens."""

import os
from pathlib import Path
from typing import NamedTuple

from engine.loops.errors import ProjectError
from engine.loops.project import Project, default_project_folder


class Opened(NamedTuple):
    """The folder of a project, and a sentence about what cannot be done there; empty if all can."""

    folder: Path
    problem: str = ""


def named_project(folder: Path) -> Opened:
    """Return the project that the user named; if its last folder is missing, it is created.

    Raises:
        ProjectError: there is no such folder, and it cannot be created.
    """
    return _opened(folder, create=True, must_be_there=True)


def last_project(folder: str) -> Opened:
    """Return the last project; an empty `folder` is the default one.

    A missing folder is not created again: its disk may only be disconnected.
    """
    usual = default_project_folder()
    wanted = Path(folder) if folder else usual
    return _opened(wanted, create=wanted == usual)


def _opened(folder: Path, *, create: bool, must_be_there: bool = False) -> Opened:
    try:
        return Opened(Project.open(folder, create=create).folder)
    except ProjectError as error:
        if _can_be_read(folder):
            return Opened(Path(os.path.abspath(folder)), f"{error} Its clips can be played.")
        if must_be_there:
            raise
        return Opened(Path(os.path.abspath(folder)))


def _can_be_read(folder: Path) -> bool:
    try:
        with os.scandir(folder):
            return True
    except (OSError, ValueError):
        return False
