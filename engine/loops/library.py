"""The clips of a project folder by their ids: the files in the folder, and their recipes.

The folder is the database: names are listed again when the folder has changed, and the recipe of
a file is read on first use and cached.
"""

import os
import time
from collections import OrderedDict
from pathlib import Path

from engine.loops.clip import Clip, clip_id_of
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_facts
from engine.loops.project import REJECTED_FOLDER

_MOST_KEPT = 4_096
_TICK_NS = 100_000_000


class UnknownClip(LoopError, LookupError):
    """No file in the folder has this id."""

    def __init__(self, clip_id: str, folder: Path) -> None:
        super().__init__(
            f"No clip in {folder} has the id {clip_id[:60]!r}: list the clips to see what is there."
        )


class Library:
    """The finished clips of one project folder, which may be missing or empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: OrderedDict[str, tuple[int, Clip]] = OrderedDict()
        self._listed: list[tuple[str, str]] = []
        self._file_of: dict[str, str] = {}
        self._listed_at: tuple[int, ...] | None = None

    def ids(self) -> list[str]:
        """Return the ids of all clips that were not rejected, newest first."""
        return [clip_id for clip_id, file in self._files() if os.sep not in file]

    def path(self, clip_id: str) -> Path:
        """Return the absolute path of a clip, including rejected ones.

        Raises:
            UnknownClip: no file has the id.
        """
        return self.folder / self._file(clip_id)

    def clip(self, clip_id: str) -> Clip:
        """Return a clip, as its file describes it.

        Raises:
            UnknownClip: no file has the id.
            LoopError: the file cannot be read, or has no recipe.
        """
        file = self._file(clip_id)
        path = self.folder / file
        try:
            changed_at = path.stat().st_mtime_ns
        except OSError as error:
            raise UnknownClip(clip_id, self.folder) from error
        known = self._read.get(clip_id)
        if known is not None and known[0] == changed_at:
            return known[1]
        clip = _read_clip(clip_id, file, path)
        self._read[clip_id] = (changed_at, clip)
        while len(self._read) > _MOST_KEPT:
            self._read.popitem(last=False)
        return clip

    def _file(self, clip_id: str) -> str:
        self._files()
        file = self._file_of.get(clip_id)
        if file is None:
            raise UnknownClip(clip_id, self.folder)
        return file

    def _files(self) -> list[tuple[str, str]]:
        """Return ids and files, relative to the folder, newest first."""
        folders = (self.folder, self.folder / REJECTED_FOLDER)
        changed_at = tuple(_changed_at(folder) for folder in folders)
        if changed_at != self._listed_at:
            found = [*_clips_in(self.folder, ""), *_clips_in(folders[1], REJECTED_FOLDER)]
            self._listed = [(clip_id, file) for _, clip_id, file in sorted(found, reverse=True)]
            self._file_of = dict(reversed(self._listed))  # of two with the same id, the newest
            # A folder that has just changed may change again within the same clock tick.
            settled = max(changed_at) < time.time_ns() - _TICK_NS
            self._listed_at = changed_at if settled else None
        return self._listed


def _read_clip(clip_id: str, file: str, path: Path) -> Clip:
    facts = read_facts(path)
    if facts.recipe is None:
        raise LoopError(
            facts.recipe_problem or f"{path} has no recipe, so Loopwright did not make it."
        )
    return Clip(
        id=clip_id,
        file=Path(file).as_posix(),
        path=str(path),
        title=facts.recipe.title,
        frames=facts.frames,
        recipe=facts.recipe,
    )


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _clips_in(folder: Path, prefix: str) -> list[tuple[int, str, str]]:
    """Return when each clip of a folder was written, its id and its file."""
    found: list[tuple[int, str, str]] = []
    if prefix and folder.is_symlink():  # it leads out of the project
        return found
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                clip_id = clip_id_of(entry.name)
                # A link could lead out of the project, and we never write one.
                if clip_id and entry.is_file(follow_symlinks=False):
                    written_at = entry.stat(follow_symlinks=False).st_mtime_ns
                    found.append((written_at, clip_id, os.path.join(prefix, entry.name)))  # noqa: PTH118
    except OSError:
        return found
    return found
