"""Reads the files from a drag or drop, and drags files."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSysInfo, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

from engine.loops.audio_formats import AUDIO_SUFFIXES


def audio_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag that are audio by their suffix."""
    return [file for file in local_files(data) if file.suffix.lower() in AUDIO_SUFFIXES]


def local_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag, whatever their type."""
    urls = [QUrl(url) for url in data.urls()]
    for url in urls:
        if url.host() in _here():  # file://localhost/..., as some file managers write it
            url.setHost("")
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def drag_files(source: QWidget, files: Sequence[Path]) -> None:
    """Drag files from a widget; what takes them gets copies. Returns when they were dropped."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.exec(Qt.DropAction.CopyAction)


def _here() -> set[str]:
    """Return the names of this machine in URLs; any other is a server on the network."""
    return {"localhost", "127.0.0.1", QSysInfo.machineHostName().lower()}
