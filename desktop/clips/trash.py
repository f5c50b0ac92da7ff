"""The system's trash: files go there, and come back."""

import sys
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths


def move_to_trash(path: Path) -> Path | None:
    """Move a file to the trash and return where it lies there; None where it cannot."""
    if sys.platform == "linux":
        # WORKAROUND: on a fresh account this folder is missing, and Qt then fails instead of
        # making it, as the freedesktop.org specification of base directories wants.
        place = QStandardPaths.StandardLocation.GenericDataLocation
        Path(QStandardPaths.writableLocation(place)).mkdir(parents=True, exist_ok=True)
    file = QFile(str(path))
    return Path(file.fileName()) if file.moveToTrash() else None


def bring_back(origin: Path, place: Path) -> bool:
    """Move a file from the trash to where it was; False where it is not there any more."""
    if origin.exists() or not place.is_file():
        return False
    place.rename(origin)
    info = place.parent.parent / "info" / f"{place.name}.trashinfo"
    info.unlink(missing_ok=True)  # as the freedesktop.org trash wants it
    return True
