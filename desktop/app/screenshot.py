"""Takes a screenshot of the window, for support and for testing the installers."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

TIMEOUT_S = 60.0
_POLL_EVERY_MS = 50
_SETTLE_MS = 300


class Screenshot(QObject):
    """Waits until a window is ready, saves a screenshot, and closes the window."""

    def __init__(self, window: QWidget, is_ready: Callable[[], bool], path: Path) -> None:
        """Start waiting; after `TIMEOUT_S`, take the screenshot anyway."""
        super().__init__(window)
        self._window, self._is_ready, self._path = window, is_ready, path
        self._give_up_at = time.monotonic() + TIMEOUT_S
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._poll)
        self._timer.start(_POLL_EVERY_MS)

    def _poll(self) -> None:
        if self._is_ready() or time.monotonic() > self._give_up_at:
            self._timer.stop()
            QTimer.singleShot(_SETTLE_MS, self, self._take)  # let the last change be painted

    def _take(self) -> None:
        self._window.grab().save(str(self._path), "PNG")
        self._window.close()
