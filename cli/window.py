"""`loopwright window`, and `loopwright` without a command: open the window."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from cli.output import print_status
from cli.parser import Parser, absolute_path
from cli.usage import EXIT_FAILED, UsageError

_SCREEN_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Open the window, and return when it has closed."""
    parser = Parser("window", "Open the window, like 'loopwright' without a command.")
    parser.add_argument(
        "file", nargs="?", metavar="CLIP.wav", help="a clip to load the prompt and settings from"
    )
    parser.add_argument("--project", metavar="DIR", help="project folder (default: the last one)")
    parser.add_argument(
        "--picture", metavar="FILE.png", help="save a picture of the window, then close it"
    )
    options = parser.read(arguments)
    project = _absolute(options.project, "The project folder")
    file = _absolute(options.file, "The clip")
    picture = _absolute(options.picture, "The picture")
    _require_window()
    code: int = importlib.import_module("desktop.app.launch").run(project, file, picture)
    if picture is not None and not picture.is_file():
        print_status(f"Could not write the picture {picture}: choose another path.")
        return EXIT_FAILED
    return code


def has_screen() -> bool:
    """Return whether there is a screen, or whether Qt has been set to another platform."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _SCREEN_VARIABLES)


def _absolute(text: str | None, what: str) -> Path | None:
    return None if text is None else absolute_path(text, what)


def _require_window() -> None:
    if importlib.util.find_spec("PySide6") is None:
        raise UsageError(
            "The window is not installed: add it with 'pip install loopwright[desktop]', "
            "or use a command."
        )
    if not has_screen():
        raise UsageError("There is no screen to open the window on: use a command instead.")
