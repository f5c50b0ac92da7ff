"""What is dragged over the window: which WAV files it holds."""

from pathlib import Path

from PySide6.QtCore import QMimeData


def wav_files(data: QMimeData) -> list[Path]:
    """Return the WAV files on this machine that are dragged."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [file for file in files if file.suffix.lower() == ".wav"]
