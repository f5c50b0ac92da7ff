"""Reads the files from a drag or drop."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from engine.loops.audio_formats import AUDIO_SUFFIXES


def audio_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag that are audio by their suffix."""
    return [file for file in local_files(data) if file.suffix.lower() in AUDIO_SUFFIXES]


def local_files(data: QMimeData) -> list[Path]:
    """Return the local files in a drag, whatever their type."""
    urls = [QUrl(url) for url in data.urls()]
    for url in urls:
        if url.host() == "localhost":  # file://localhost/..., as some file managers write it
            url.setHost("")
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
