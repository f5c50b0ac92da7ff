"""The projects folder: a project is the name of a folder in it, never a received path."""

import contextlib
import logging
import re
from pathlib import Path

from bridge.osc.errors import BAD_ARGUMENTS, BUSY, ENGINE_FAILED, UNKNOWN, RequestFailed, shown
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.clip import Clip
from engine.loops.errors import LoopError
from engine.loops.library import Library, UnknownClip
from engine.loops.project import REJECTED_FOLDER

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,63}(?<! )")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Projects:
    """The project that clips go to: the projects folder itself, or a folder in it.

    In a window it is always the folder that the window shows.
    """

    def __init__(self, root: Path, *, in_window: bool = False) -> None:
        self._root = root
        self._in_window = in_window
        self._was_there = False
        self.name = ""
        self.library = Library(root)

    @property
    def folder(self) -> Path:
        """The folder of the chosen project."""
        return self.library.folder

    def may_create(self) -> bool:
        """Return whether a job may create the folder, if its last part is missing.

        A folder that has gone is not created again: it was renamed, or its disk is away. The window
        has created its own.
        """
        self._was_there = self._was_there or self.folder.is_dir()
        return not self._in_window and not self._was_there

    def clip(self, clip_id: str) -> Clip:
        """Return a clip of the project.

        Raises:
            RequestFailed: there is no such clip, or its file cannot be read.
        """
        try:
            return self.library.clip(clip_id)
        except UnknownClip as error:
            raise RequestFailed(UNKNOWN, str(error)) from error
        except LoopError as error:
            raise RequestFailed(ENGINE_FAILED, str(error)) from error

    def sound(self, name: str) -> Path:
        """Return the file of a clip by its id, or an audio file of the project by its name.

        Raises:
            RequestFailed: the name is a path, or there is no such file.
        """
        with contextlib.suppress(UnknownClip):
            return self.library.path(name)
        if not name or name.startswith(".") or set(name) & set("/\\:"):
            raise RequestFailed(
                BAD_ARGUMENTS,
                f"The sound is {shown(name)}, but must be the id of a clip, or the name of an "
                "audio file in the project folder, not a path.",
            )
        path = self.folder / name
        if path.is_symlink() or path.suffix.lower() not in AUDIO_SUFFIXES or not path.is_file():
            raise RequestFailed(
                UNKNOWN,
                f"No clip has the id {shown(name)}, and no audio file in the project folder has "
                "that name: list the clips to see what is there.",
            )
        return path

    def choose(self, name: str) -> None:
        """Choose a project by its name; the empty name is the projects folder itself.

        Raises:
            RequestFailed: the name is not a plain name, or links out of the projects folder.
        """
        if name and self._in_window:
            raise RequestFailed(
                BUSY, f"The bridge uses the project of the window: open {shown(name)} there."
            )
        if name and (
            not _NAME.fullmatch(name) or _RESERVED.fullmatch(name) or name == REJECTED_FOLDER
        ):
            raise RequestFailed(
                BAD_ARGUMENTS,
                f"The project is {shown(name)}, but must be a plain name: letters, digits, "
                "spaces, - and _.",
            )
        folder = self._root / name if name else self._root
        if folder.is_symlink() and name:
            raise RequestFailed(
                BAD_ARGUMENTS,
                f"The project {shown(name)} is a link to another folder: choose another name.",
            )
        _log.debug("project is %s", folder)
        self._was_there = self._was_there and folder == self.folder
        self.name = name
        self.library = Library(folder)
