"""The file `loopwright.json` of a project: data that the user adds, in named sections.

Changes are made under a lock between processes and replace the whole file; unknown sections are
kept.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.errors import ProjectError
from engine.loops.project import HIDDEN_FOLDER

FILE_NAME = "loopwright.json"
_log = logging.getLogger(__name__)

Section = dict[str, Any]


class ProjectFile:
    """The file of one project; all methods are thread-safe."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._path = project / FILE_NAME

    def section(self, name: str) -> Section:
        """Return a section; empty if it is missing or not an object."""
        return _section_of(self._contents(), name)

    def change(self, name: str, change: Callable[[Section], None], *, what: str) -> None:
        """Change a section in place, and write the file; `what` names its contents in errors.

        Raises:
            ProjectError: the folder cannot be written to.
        """
        try:
            with _locked(self._project / HIDDEN_FOLDER):
                contents = self._contents()
                section = contents[name] = _section_of(contents, name)
                change(section)
                self._replace(contents)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ProjectError(
                self._project, f"cannot store {what} ({reason})", "change its permissions"
            ) from error

    def _contents(self) -> dict[str, Any]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            _log.warning("%s is damaged: set aside", FILE_NAME, exc_info=True)
            # Keep a copy, so that the next write does not destroy it.
            with contextlib.suppress(OSError):
                self._path.replace(self._path.with_suffix(".damaged.json"))
            return {}

    def _replace(self, contents: dict[str, Any]) -> None:
        part = self._project / f".{FILE_NAME}.{os.getpid()}.part"
        try:
            with part.open("wb") as stream:
                stream.write(msgspec.json.format(msgspec.json.encode(contents)))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)


def _section_of(contents: dict[str, Any], name: str) -> Section:
    section = contents.get(name)
    return section if isinstance(section, dict) else {}


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the project's lock; the system releases it if the process dies."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("a+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
