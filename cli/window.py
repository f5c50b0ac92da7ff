"""`loopwright window`, and `loopwright` without a command: opens the window."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from cli.output import say
from cli.parser import Parser, absolute_path
from cli.usage import EXIT_FAILED, UsageError

_SCREEN_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def has_screen() -> bool:
    """Return whether Qt finds a screen, or a setting tells it what to paint on instead."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _SCREEN_NAMES)


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Open the window, and return once it has closed."""
    parser = Parser("window", "Opens the window, as 'loopwright' without a command does.")
    parser.add_argument(
        "file", nargs="?", metavar="CLIP.wav", help="a clip to take the prompt and recipe from"
    )
    parser.add_argument("--project", metavar="DIR", help="the project folder (default: the last)")
    parser.add_argument(
        "--picture", metavar="FILE.png", help="write a picture of the window, and close it"
    )
    options = parser.read(arguments)
    project = _place(options.project, "The project folder")
    file = _place(options.file, "The clip")
    picture = _place(options.picture, "The picture")
    _refuse_without_a_window()
    code: int = importlib.import_module("desktop.app.launch").run(project, file, picture)
    if picture is not None and not picture.is_file():
        say(f"The picture {picture} could not be written: choose another place.")
        return EXIT_FAILED
    return code


def _place(text: str | None, what: str) -> Path | None:
    return None if text is None else absolute_path(text, what)


def _refuse_without_a_window() -> None:
    if importlib.util.find_spec("PySide6") is None:
        raise UsageError(
            "The window is not installed: add it with 'pip install loopwright[desktop]', "
            "or give a command."
        )
    if not has_screen():
        raise UsageError("There is no screen to open the window on: give a command.")
