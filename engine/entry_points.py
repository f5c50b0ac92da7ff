"""How the processes of the engine are started: the one place that decides it."""

import sys
from pathlib import Path

CONSOLE_PROGRAM = "loopwright.exe"


def engine_command() -> list[str]:
    """Return the command line of the engine process.

    A frozen build starts its own executable again. Otherwise `-P` keeps the working folder off
    the import path: a musician's folder may hold an `engine/` of its own.
    """
    if getattr(sys, "frozen", False):
        return [_own_program(), "--engine"]
    return [sys.executable, "-P", "-m", "engine"]


def program_command() -> list[str]:
    """Return the command line of `loopwright` itself, to which a command is added."""
    if getattr(sys, "frozen", False):
        return [_own_program()]
    return [sys.executable, "-P", "-m", "cli.main"]


def download_command() -> list[str]:
    """Return the command line of the process of one download."""
    if getattr(sys, "frozen", False):
        return [_own_program(), "--download"]
    return [sys.executable, "-P", "-m", "engine.models.fetch"]


def _own_program() -> str:
    """Return the executable of a frozen build; on Windows the one of the two that has pipes.

    There the one that opens the window is a program without a console, and so without stdin and
    stdout.
    """
    if sys.platform == "win32":
        return str(Path(sys.executable).with_name(CONSOLE_PROGRAM))
    return sys.executable
