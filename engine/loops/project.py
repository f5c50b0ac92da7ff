"""The project folder: clips as files, written atomically.

`engine.loops.files` explains how files are written, and why nothing leads out of the folder.
Opening the folder removes what killed processes left in it.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

import platformdirs

from engine.loops.clip import clip_id_of, new_clip_id
from engine.loops.errors import ProjectError
from engine.loops.files import Folder, NotOrdinary, advice_on, check_path, reason_of

REJECTED_FOLDER = "rejected"
LATENTS_FOLDER = "latents"
HIDDEN_FOLDER = ".loopwright"
"""Caches and the lock: it may be deleted at any time."""
_BLOCK_BYTES = 2**20
PEAKS_FOLDER = "peaks"
"""The folder of the waveforms in the hidden one."""


def default_project_folder() -> Path:
    """Return the folder `Loopwright` in the user's music folder."""
    return Path(platformdirs.user_music_dir()) / "Loopwright"


class Project:
    """A folder of clips."""

    def __init__(self, folder: Path) -> None:
        """Use an existing folder; see `open`."""
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open a project folder; if its last part is missing, create it or refuse.

        Raises:
            ProjectError: the folder has no parent, is a file, cannot be written to, or one of its
                subfolders is a link.
        """
        folder = _absolute(folder)
        with _folder_errors(folder):
            if create:
                _make_last_folder(folder)
            with Folder.open(folder) as opened:
                for subfolder in _opened_with_subfolders(opened):
                    subfolder.sweep()
                _remove_lonely_latents(opened)
                opened.check_writable()
        return cls(folder)

    def clip_ids(self) -> set[str]:
        """Return the ids of all clips in the folder, including rejected ones."""
        names: list[str] = []
        with contextlib.suppress(OSError), Folder.open(self.folder) as folder:
            names += folder.names()
            with folder.inside(REJECTED_FOLDER) as rejected:
                names += rejected.names()
        return {clip_id for name in names if (clip_id := clip_id_of(name))}

    def new_id(self) -> str:
        """Return a clip id that no clip in the folder has."""
        taken = self.clip_ids()
        while (clip_id := new_clip_id()) in taken:
            pass
        return clip_id

    @contextlib.contextmanager
    def growing(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Yield the path and stream of a hidden file, which is deleted at the end.

        Raises:
            ProjectError: it cannot be made.
        """
        with contextlib.ExitStack() as stack:
            with _folder_errors(self.folder):
                folder = stack.enter_context(Folder.open(self.folder))
                made = stack.enter_context(folder.growing())
            yield made

    @contextlib.contextmanager
    def writing(self, name: str, *, into: str = "") -> Iterator[BinaryIO]:
        """Yield a stream for a new file, which gets its name, whole, at the end.

        `into` names a folder inside the project; empty is the project itself.

        Raises:
            ProjectError: the file exists, the disk is full, or the folder cannot be written to.
        """
        with _folder_errors(self.folder), contextlib.ExitStack() as stack:
            folder = stack.enter_context(Folder.open(self.folder))
            if into:
                folder = stack.enter_context(folder.inside(into, make=True))
            yield stack.enter_context(folder.creating(name))

    def write(self, name: str, data: bytes, *, into: str = "") -> Path:
        """Write one file, whole or not at all, and return its absolute path; see `writing`.

        Raises:
            ProjectError: the file exists, the disk is full, or the folder cannot be written to.
        """
        with self.writing(name, into=into) as stream:
            stream.write(data)
        return self.folder / into / name

    def write_once(self, name: str, data: bytes) -> Path:
        """Write a file unless the same one is there already, and return its absolute path.

        Raises:
            ProjectError: another file has this name, or see `writing`.
        """
        with _folder_errors(self.folder), Folder.open(self.folder) as folder:
            if not (folder.has(name) and _is_in(folder, name, data)):
                folder.create(name, data)
        return self.folder / name

    def copy_once(self, source: BinaryIO, name: str) -> Path:
        """Copy a file unless the same one is there already, and return its absolute path.

        Raises:
            ProjectError: another file has this name, or see `writing`.
        """
        with _folder_errors(self.folder), Folder.open(self.folder) as folder:
            if not (folder.has(name) and _is_copy(folder, name, source)):
                source.seek(0)
                with folder.creating(name) as stream:
                    shutil.copyfileobj(source, stream, _BLOCK_BYTES)
        return self.folder / name


def _is_in(folder: Folder, name: str, data: bytes) -> bool:
    with folder.reading(name) as stream:
        return stream.read(len(data) + 1) == data


def _is_copy(folder: Folder, name: str, source: BinaryIO) -> bool:
    with folder.reading(name) as other:
        while block := source.read(_BLOCK_BYTES):
            if other.read(len(block)) != block:
                return False
        return not other.read(1)


def latents_of(clip: Path) -> Path:
    """Return where the latents of a clip are, if they were kept; `clip` is its file."""
    folder = clip.parent.parent if clip.parent.name == REJECTED_FOLDER else clip.parent
    return folder / LATENTS_FOLDER / f"{clip.stem}.npy"


def midi_of(clip: Path) -> Path:
    """Return where the notes of a clip are, if they were written; `clip` is its file."""
    return clip.with_suffix(".mid")


def files_of(clip: Path) -> tuple[Path, ...]:
    """Return a clip's file and those that belong to it, whether they are there or not."""
    return clip, latents_of(clip), midi_of(clip)


def _absolute(folder: Path) -> Path:
    try:
        with _folder_errors(folder):
            check_path(folder)
        return Path(os.path.abspath(folder.expanduser()))
    except RuntimeError as error:  # "~name" of an unknown user
        raise ProjectError(folder, "names an unknown user", "choose another place") from error


def _make_last_folder(folder: Path) -> None:
    # A new account may lack the music folder itself, so create that too.
    if folder == default_project_folder():
        folder.mkdir(parents=True, exist_ok=True)
        return
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        reason = "has no parent folder", "create it, or choose another place"
        raise ProjectError(folder, *reason) from error


def _opened_with_subfolders(folder: Folder) -> Iterator[Folder]:
    """Yield a project folder and the folders of ours in it, each open until the next one.

    Raises:
        NotOrdinary: one of them is a link or a file.
    """
    yield folder
    for names in ((REJECTED_FOLDER,), (LATENTS_FOLDER,), (HIDDEN_FOLDER, PEAKS_FOLDER)):
        # Another user's folder may be closed to us: then it is left alone.
        missing = contextlib.suppress(FileNotFoundError, PermissionError)
        with missing, contextlib.ExitStack() as stack:
            place = folder
            for name in names:
                place = stack.enter_context(place.inside(name))
                yield place


def _remove_lonely_latents(project: Folder) -> None:
    """Delete latents without their clip; its recipe can make them again.

    They get their name after it does, so they are never just early.
    """
    missing = contextlib.suppress(FileNotFoundError, PermissionError)
    with missing, project.inside(LATENTS_FOLDER) as latents, contextlib.ExitStack() as stack:
        places = [project]
        with contextlib.suppress(FileNotFoundError):
            places.append(stack.enter_context(project.inside(REJECTED_FOLDER)))
        for name in latents.names():
            clip = f"{name.removesuffix('.npy')}.wav"
            is_ours = name.endswith(".npy") and clip_id_of(clip) is not None
            if is_ours and not any(place.has(clip) for place in places):
                latents.delete(name)


@contextlib.contextmanager
def _folder_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the system into a `ProjectError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise ProjectError(folder, *_reason_and_advice(folder, error)) from error


def _reason_and_advice(folder: Path, error: OSError) -> tuple[str, str]:
    if isinstance(error, NotOrdinary):
        name = os.path.relpath(folder / error.filename, folder)
        return f"has {name!r}, which {reason_of(error).removeprefix('it ')}", advice_on(error)
    is_file = isinstance(error, FileExistsError) and error.filename == str(folder)
    if is_file or isinstance(error, NotADirectoryError):
        return "is not a folder", "choose another place"
    if isinstance(error, FileNotFoundError):
        return "is gone", "it was renamed, moved or deleted; open it where it is now"
    if isinstance(error, FileExistsError):
        return f"already has {os.path.relpath(error.filename, folder)}", "nothing was replaced"
    if isinstance(error, PermissionError):
        return "cannot be written to", advice_on(error)
    return f"could not be written to ({reason_of(error)})", advice_on(error)
