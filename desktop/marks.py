"""What people add to clips: titles, stars and tags, in `loopwright.json` in the project folder.

The file is changed by one process at a time, under a lock, and replaced whole; what another
version wrote into it beside the marks stays.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from desktop.models.rows import Mark
from engine.loops.errors import ProjectError

FILE_NAME = "loopwright.json"
HIDDEN_FOLDER = ".loopwright"


class Marks:
    """The marks of one project."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._path = project / FILE_NAME

    def read(self) -> dict[str, Mark]:
        """Return all marks by clip id; those that are damaged are left out."""
        marks = {}
        for clip_id, fields in _clips_of(self._contents()).items():
            with contextlib.suppress(msgspec.ValidationError):
                marks[clip_id] = msgspec.convert(fields, Mark)
        return marks

    def write(self, clip_id: str, mark: Mark) -> None:
        """Keep the mark of one clip.

        Raises:
            ProjectError: the folder cannot be written to.
        """
        try:
            with _locked(self._project / HIDDEN_FOLDER):
                contents = self._contents()
                clips = contents["clips"] = _clips_of(contents)
                clips[clip_id] = msgspec.to_builtins(mark)
                if not clips[clip_id]:
                    del clips[clip_id]
                self._replace(contents)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ProjectError(
                self._project, f"keeps no marks ({reason})", "change its permissions"
            ) from error

    def _contents(self) -> dict[str, Any]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            # Set aside, so that nothing is lost when the next mark is written.
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


def _clips_of(contents: dict[str, Any]) -> dict[str, Any]:
    clips = contents.get("clips")
    return clips if isinstance(clips, dict) else {}


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the project's lock; the system lets it go where a process dies."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("a+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
