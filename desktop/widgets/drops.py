"""What is dragged over the window: which files it holds."""

from pathlib import Path

from PySide6.QtCore import QMimeData


def wav_files(data: QMimeData) -> list[Path]:
    """Return the WAV files on this machine that are dragged."""
    return [file for file in local_files(data) if file.suffix.lower() == ".wav"]


def local_files(data: QMimeData) -> list[Path]:
    """Return the files on this machine that are dragged, whatever they are."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
