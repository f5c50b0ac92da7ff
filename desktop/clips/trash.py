"""Moves files to the system's trash and restores them, and opens it."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QFile, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.widgets.project_writer import ProjectWriter
from engine.loops.files import Folder
from engine.loops.project import files_of


def move_to_trash(path: Path) -> Path | None:
    """Move a file to the trash and return its path there; None if that failed."""
    if sys.platform == "linux":
        # WORKAROUND: on a fresh account this folder is missing, and Qt fails instead of creating
        # it, as the freedesktop.org base directory specification demands.
        place = QStandardPaths.StandardLocation.GenericDataLocation
        Path(QStandardPaths.writableLocation(place)).mkdir(parents=True, exist_ok=True)
    file = QFile(str(path))
    return Path(file.fileName()) if file.moveToTrash() else None


def show_trash() -> None:
    """Open the system's trash: what is restored there is back in its project."""
    places = {"win32": "shell:RecycleBinFolder", "darwin": (Path.home() / ".Trash").as_uri()}
    QDesktopServices.openUrl(QUrl(places.get(sys.platform, "trash:///")))


class TrashedFile(NamedTuple):
    """A file in the trash, with where it was and the project that it belongs to."""

    project: Path
    origin: Path
    place: Path


def move_clip_to_trash(clip: Path) -> list[TrashedFile]:
    """Move a clip to the trash, with its latents and its notes; empty if that failed."""
    moved = []
    for path in files_of(clip):
        with contextlib.suppress(OSError), _opened(clip.parent, path.parent) as folder:
            if folder.has(path.name) and (place := move_to_trash(path)) is not None:
                moved.append(TrashedFile(clip.parent, path, place))
        if not moved:
            break
    return moved


class TrashedClips:
    """Clips that are moved to the trash together, and restored together, as often as is wanted.

    `has_stems` says whether stems of some of them are among them.
    """

    def __init__(self, clips: Sequence[Path], *, has_stems: bool = False) -> None:
        self.clips = clips
        self.has_stems = has_stems
        self._files: list[TrashedFile] = []

    def move(self) -> list[Path]:
        """Move the clips to the trash; return those that stayed."""
        self._files, stayed = [], []
        for clip in self.clips:
            if files := move_clip_to_trash(clip):
                self._files += files
            else:
                stayed.append(clip)
        return stayed

    def restore(self) -> list[Path]:
        """Restore the clips; return the files that could not be."""
        return [file.origin for file in self._files if not restore(file)]


class TrashBin:
    """Moves clips to the trash and back, in order with what is written to the project."""

    def __init__(self, writer: ProjectWriter, read_folder: Callable[[], None]) -> None:
        """Work on the thread of `writer`; `read_folder` is called after files were moved."""
        self._writer = writer
        self._read_folder = read_folder
        self._moving: set[Path] = set()

    def is_moving(self, clip: Path) -> bool:
        """Return whether a clip is about to be moved to the trash."""
        return clip in self._moving

    def move(self, clips: TrashedClips, then: Callable[[list[Path]], None]) -> None:
        """Move clips to the trash; `then` is called with those that stayed."""
        self._moving.update(clips.clips)
        self._carry_out(clips, clips.move, then)

    def restore(self, clips: TrashedClips, then: Callable[[list[Path]], None]) -> None:
        """Restore clips; `then` is called with the files that could not be."""
        self._carry_out(clips, clips.restore, then)

    def _carry_out(
        self,
        clips: TrashedClips,
        task: Callable[[], list[Path]],
        then: Callable[[list[Path]], None],
    ) -> None:
        failed: list[Path] = []

        def end() -> None:
            self._moving.difference_update(clips.clips)
            self._read_folder()
            then(failed)

        self._writer.write(lambda: failed.extend(task()), end, lambda _error: end())


def restore(file: TrashedFile) -> bool:
    """Move a file from the trash to its origin; return False if that is not possible."""
    place = file.place
    try:
        with _opened(file.project, file.origin.parent) as folder:
            folder.take_in(place, file.origin.name)
    except OSError:
        return False
    info = place.parent.parent / "info" / f"{place.name}.trashinfo"
    info.unlink(missing_ok=True)  # the freedesktop.org trash specification demands it
    return True


@contextlib.contextmanager
def _opened(project: Path, place: Path) -> Iterator[Folder]:
    """Open a folder of a project, which may be the project itself, and no link in it."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(Folder.open(project))
        for name in place.relative_to(project).parts:
            folder = stack.enter_context(folder.inside(name))
        yield folder
