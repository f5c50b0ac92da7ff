"""The project folder: clips as files, written whole or not at all.

A clip is written to a hidden file beside its place, synced, and then renamed, so that a DAW that
watches the folder never sees half a file. The hidden file's name holds the process that writes
it; what a killed process left is removed when the folder is opened next.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Self

import platformdirs
import psutil

from engine.loops.clip import ID_LENGTH, new_clip_id
from engine.loops.errors import ProjectError

REJECTED_FOLDER = "rejected"
_PART = re.compile(r"\.lw-(\d+)-[a-z2-7]+\.part")
_CLIP = re.compile(rf".*_([a-z2-7]{{{ID_LENGTH}}})\.wav", re.IGNORECASE)


def default_project_folder() -> Path:
    """Return the folder `Loopwright` in the user's music folder."""
    return Path(platformdirs.user_music_dir()) / "Loopwright"


class Project:
    """A folder of clips."""

    def __init__(self, folder: Path) -> None:
        """Use an existing folder; see `open`."""
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a project folder, making its last part where it is missing.

        Raises:
            ProjectError: the folder has no parent, is a file, or cannot be written to.
        """
        folder = Path(os.path.abspath(folder.expanduser()))
        try:
            _make_last_folder(folder)
            _remove_abandoned_parts(folder)
            probe = _part_path(folder, "probe")
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise _folder_error(folder, error) from error
        return cls(folder)

    def clip_ids(self) -> set[str]:
        """Return the ids of all clips in the folder, the rejected ones too."""
        names = [*_names(self.folder), *_names(self.folder / REJECTED_FOLDER)]
        return {match[1] for name in names if (match := _CLIP.fullmatch(name))}

    def new_id(self) -> str:
        """Return a clip id that no clip in the folder has."""
        taken = self.clip_ids()
        while (clip_id := new_clip_id()) in taken:
            pass
        return clip_id

    def write(self, name: str, data: bytes, *, rejected: bool = False) -> Path:
        """Write one file into the folder, whole or not at all, and return its absolute path.

        Raises:
            ProjectError: the file exists, the disk is full, or the folder cannot be written to.
        """
        folder = self.folder / REJECTED_FOLDER if rejected else self.folder
        part = _part_path(folder, new_clip_id())
        try:
            folder.mkdir(exist_ok=True)
            _write_synced(part, data)
            _rename_new(part, folder / name)
            _sync_folder(folder)
        except OSError as error:
            raise _folder_error(self.folder, error) from error
        finally:
            part.unlink(missing_ok=True)
        return folder / name


def _make_last_folder(folder: Path) -> None:
    # The standard music folder may itself be missing on a fresh account: it is ours to make.
    if folder == default_project_folder():
        folder.mkdir(parents=True, exist_ok=True)
    else:
        folder.mkdir(exist_ok=True)


def _part_path(folder: Path, label: str) -> Path:
    return folder / f".lw-{os.getpid()}-{label}.part"


def _names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


def _remove_abandoned_parts(folder: Path) -> None:
    for place in (folder, folder / REJECTED_FOLDER):
        for name in _names(place):
            match = _PART.fullmatch(name)
            if match and not psutil.pid_exists(int(match[1])):
                (place / name).unlink(missing_ok=True)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _rename_new(part: Path, final: Path) -> None:
    """Give a finished file its name; an existing file is an error, never replaced."""
    try:
        os.link(part, final)
    except FileExistsError:
        raise
    except OSError:
        # WORKAROUND: FAT, exFAT and some network shares have no hard links. The id in the name
        # is random and was checked against the folder, so nobody else writes this name.
        if final.exists():
            raise FileExistsError(17, "File exists", str(final)) from None
        os.rename(part, final)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder to sync it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_REASONS: dict[str, tuple[str, str]] = {
    "FileNotFoundError": ("has no parent folder", "create it, or choose another place"),
    "NotADirectoryError": ("is not a folder", "choose another place"),
    "PermissionError": ("cannot be written to", "change its permissions or choose another place"),
}


def _folder_error(folder: Path, error: OSError) -> ProjectError:
    if isinstance(error, FileExistsError):
        return (
            ProjectError(folder, *_REASONS["NotADirectoryError"])
            if not folder.is_dir()
            else ProjectError(folder, f"already has {error.filename}", "nothing was replaced")
        )
    known: Callable[[str], tuple[str, str] | None] = _REASONS.get
    reason = known(type(error).__name__)
    if reason is None:
        detail = (error.strerror or str(error)).lower()
        reason = (f"took no file ({detail})", "free some space or choose another place")
    return ProjectError(folder, *reason)
