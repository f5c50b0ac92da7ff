"""The zip file that `loopwright doctor --bundle` writes for a bug report.

It contains the checks of `doctor`, the settings and the logs. Prompts are removed from the
settings, and the home folder is written as `~` everywhere.
"""

import json
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cli.usage import UsageError
from desktop.state.settings import settings_file
from engine.log import log_files
from engine.loops.files import creating, read

_SETTINGS_WITHOUT_WORDS = ("scheduler", "rate", "bits")
"""The text settings of a model that are not prompts."""


class BundledFile(NamedTuple):
    """One file of the zip; `about` describes it."""

    name: str
    text: str
    about: str


def check_place(path: Path) -> None:
    """Check that a zip can be written to a path, before collecting its contents.

    Raises:
        UsageError: the path exists, or its folder is missing.
    """
    if os.path.lexists(path):
        raise _exists(path)
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder: create it, or choose another path.")


def files_of(checks: Sequence[Mapping[str, Any]]) -> list[BundledFile]:
    """Return the contents of the zip: the checks, the settings and all logs."""
    files = [
        BundledFile("checks.json", json.dumps(checks, indent=1), "the results of all checks"),
        BundledFile("settings.json", _settings(), "your settings, without prompts"),
    ]
    for path in log_files():
        text = read(path).decode("utf-8", "replace")
        quotes = re.search(r"^\S+ \S+ DEBUG ", text, re.MULTILINE)
        about = "a log with --debug: contains prompts and file names" if quotes else "a log"
        files.append(BundledFile(f"logs/{path.name}", text, about))
    return [file._replace(text=_without_home(file.text)) for file in files]


def write_bundle(path: Path, files: Sequence[BundledFile]) -> None:
    """Write the zip atomically.

    Raises:
        UsageError: the file exists.
        OSError: the file cannot be written.
    """
    try:
        with creating(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
            for file in files:
                bundle.writestr(file.name, file.text)
    except FileExistsError as error:
        raise _exists(path) from error


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} already exists: choose another name.")


def _settings() -> str:
    """Return the settings as JSON, without the texts that the user typed."""
    path = settings_file()
    try:
        contents = json.loads(read(path))
        settings = contents["settings"]
        settings["prompts"] = f"{len(settings.get('prompts', ()))} left out"
        for chosen in settings.get("model_settings", {}).values():
            for name, value in chosen.items():
                if isinstance(value, str) and name not in _SETTINGS_WITHOUT_WORDS:
                    chosen[name] = "left out"
    except FileNotFoundError:
        return json.dumps("no settings yet")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return json.dumps(f"cannot be read: {type(error).__name__}")
    return json.dumps(contents, indent=1)


def _without_home(text: str) -> str:
    home = str(Path.home())
    if len(home) < 3:  # the home folder is "/"
        return text
    for written in (home, json.dumps(home)[1:-1]):
        text = text.replace(written, "~")
    return text
