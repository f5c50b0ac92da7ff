"""Reads the files from a drag or drop, and drags files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QSysInfo, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

from engine.loops.audio_formats import AUDIO_SUFFIXES

_CLIPS = "application/x-loopwright-clips"
_URLS = "text/uri-list"


class FilesOfClips(QMimeData):
    """Clips in a drag. Our own widgets get their files; other programs those that `out` returns.

    What leaves may still have to be written, so `out` is called when somebody asks for it.
    """

    def __init__(self, files: Sequence[Path], out: Callable[[Path], Path]) -> None:
        super().__init__()
        self._files = list(files)
        self._out = out
        self._urls: list[QUrl] | None = None
        self.setData(_CLIPS, "\0".join(str(file) for file in files).encode())

    def formats(self) -> list[str]:
        """Return what the drag has."""
        return [_CLIPS, _URLS]

    def hasFormat(self, mimetype: str) -> bool:
        """Return whether the drag has something."""
        return mimetype in (_CLIPS, _URLS)

    def retrieveData(self, mimetype: str, type: Any) -> Any:  # noqa: A002 - Qt's name
        """Return what another program, or one of our widgets, asks for."""
        if mimetype != _URLS:
            return super().retrieveData(mimetype, type)
        if self._urls is None:
            self._urls = [QUrl.fromLocalFile(str(self._out(file))) for file in self._files]
        return self._urls


def audio_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag that are audio by their suffix."""
    return [file for file in local_files(data) if file.suffix.lower() in AUDIO_SUFFIXES]


def local_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag, whatever their type; of our own clips, the clips' files."""
    if data.hasFormat(_CLIPS):
        return [Path(file) for file in bytes(data.data(_CLIPS).data()).decode().split("\0")]
    urls = [QUrl(url) for url in data.urls()]
    for url in urls:
        if url.host() in _here():  # file://localhost/..., as some file managers write it
            url.setHost("")
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def drag_files(
    source: QWidget, files: Sequence[Path], out: Callable[[Path], Path] = lambda file: file
) -> None:
    """Drag clips from a widget; what takes them gets copies. Returns when they were dropped.

    Args:
        source: the widget.
        files: the clips' files, which our own widgets get.
        out: returns the file that another program gets for one of them.
    """
    drag = QDrag(source)
    drag.setMimeData(FilesOfClips(files, out))
    drag.exec(Qt.DropAction.CopyAction)


def _here() -> set[str]:
    """Return the names of this machine in URLs; any other is a server on the network."""
    return {"localhost", "127.0.0.1", QSysInfo.machineHostName().lower()}
