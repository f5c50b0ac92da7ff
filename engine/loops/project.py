"""The project folder: clips as files, written whole or not at all.

A clip is written to a hidden file in the same folder, synced, and then renamed, so that a DAW that
watches the folder never sees half a file. The hidden file's name contains the id of the process
that writes it; opening the folder removes files that a killed process left.
"""

import contextlib
import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Self

import platformdirs

from engine.loops.clip import clip_id_of, new_clip_id
from engine.loops.errors import ProjectError

REJECTED_FOLDER = "rejected"
LATENTS_FOLDER = "latents"
HIDDEN_FOLDER = ".loopwright"
"""Caches and the lock: it may be deleted at any time."""
_PART = re.compile(r"\.lw-(\d{1,9})-[a-z2-7]+\.part")
_CLOCK_SLACK_S = 60.0


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
        """Open a project folder, creating its last part if it is missing.

        Raises:
            ProjectError: the folder has no parent, is a file, or cannot be written to.
        """
        folder = _absolute(folder)
        try:
            _make_last_folder(folder)
            _remove_abandoned_parts(folder)
            probe = _part_path(folder, new_clip_id())
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise _folder_error(folder, error) from error
        return cls(folder)

    def clip_ids(self) -> set[str]:
        """Return the ids of all clips in the folder, including rejected ones."""
        names = [*_names(self.folder), *_names(self.folder / REJECTED_FOLDER)]
        return {clip_id for name in names if (clip_id := clip_id_of(name))}

    def new_id(self) -> str:
        """Return a clip id that no clip in the folder has."""
        taken = self.clip_ids()
        while (clip_id := new_clip_id()) in taken:
            pass
        return clip_id

    def part(self) -> Path:
        """Return the path of a new hidden file, which the caller writes and deletes.

        Opening the folder deletes the files of a process that was killed.
        """
        return _part_path(self.folder, new_clip_id())

    def write(self, name: str, data: bytes, *, into: str = "") -> Path:
        """Write one file, whole or not at all, and return its absolute path.

        `into` names a folder inside the project; empty is the project itself.

        Raises:
            ProjectError: the file exists, the disk is full, or the folder cannot be written to.
        """
        folder = self.folder / into
        part = _part_path(folder, new_clip_id())
        try:
            folder.mkdir(exist_ok=True)
            _write_synced(part, data)
            _rename_new(part, folder / name)
            _sync_folder(folder)
        except OSError as error:
            raise _folder_error(self.folder, error) from error
        finally:
            with contextlib.suppress(OSError):  # keep the original error
                part.unlink(missing_ok=True)
        return folder / name


def _absolute(folder: Path) -> Path:
    try:
        return Path(os.path.abspath(folder.expanduser()))
    except RuntimeError as error:  # "~name" of an unknown user
        raise ProjectError(folder, "names an unknown user", "choose another place") from error


def _make_last_folder(folder: Path) -> None:
    # A new account may lack the music folder itself, so create that too.
    if folder == default_project_folder():
        folder.mkdir(parents=True, exist_ok=True)
    else:
        folder.mkdir(exist_ok=True)


def _part_path(folder: Path, label: str) -> Path:
    return folder / f".lw-{os.getpid()}-{label}.part"


def _names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


def _remove_abandoned_parts(folder: Path) -> None:
    for place in (folder, folder / REJECTED_FOLDER, folder / LATENTS_FOLDER):
        for name in _names(place):
            match = _PART.fullmatch(name)
            if match and _is_abandoned(place / name, int(match[1])):
                with contextlib.suppress(OSError):  # another user's file
                    (place / name).unlink(missing_ok=True)


def _is_abandoned(part: Path, writer_pid: int) -> bool:
    """Return whether the process that wrote a part has ended.

    After a power cut, another process may have the same id; that one is younger than the part.
    """
    import psutil  # rarely needed, and slow to import

    try:
        writer = psutil.Process(writer_pid)
        if writer.status() == psutil.STATUS_ZOMBIE:
            return True
        return writer.create_time() > part.stat().st_mtime + _CLOCK_SLACK_S
    except psutil.NoSuchProcess:
        return True
    except (OSError, psutil.AccessDenied):
        return False


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _rename_new(part: Path, final: Path) -> None:
    """Give a finished file its name; an existing file is an error and never replaced."""
    exists = FileExistsError(errno.EEXIST, "File exists", str(final))
    try:
        os.link(part, final)
    except FileExistsError:
        raise exists from None
    except OSError:
        # WORKAROUND: FAT, exFAT and some network shares have no hard links. The id in the name
        # is random and was checked against the folder, so nothing else writes this name.
        if final.exists():
            raise exists from None
        part.rename(final)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder to sync it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # WORKAROUND: some network and FUSE file systems cannot sync a folder; the clip is written.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
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
        reason = (f"could not be written to ({detail})", "free some space or choose another place")
    return ProjectError(folder, *reason)
