"""Moves files to the system's trash and restores them."""

import sys
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths


def move_to_trash(path: Path) -> Path | None:
    """Move a file to the trash and return its path there; None if that failed."""
    if sys.platform == "linux":
        # WORKAROUND: on a fresh account this folder is missing, and Qt fails instead of creating
        # it, as the freedesktop.org base directory specification demands.
        place = QStandardPaths.StandardLocation.GenericDataLocation
        Path(QStandardPaths.writableLocation(place)).mkdir(parents=True, exist_ok=True)
    file = QFile(str(path))
    return Path(file.fileName()) if file.moveToTrash() else None


def restore(origin: Path, place: Path) -> bool:
    """Move a file from the trash to its origin; return False if that is not possible."""
    if origin.exists() or not place.is_file():
        return False
    place.rename(origin)
    info = place.parent.parent / "info" / f"{place.name}.trashinfo"
    info.unlink(missing_ok=True)  # the freedesktop.org trash specification demands it
    return True
