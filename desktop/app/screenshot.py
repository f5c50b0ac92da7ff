"""A picture of the window, for people who ask for help and for the test of what was built."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

PATIENCE_S = 60.0
_LOOK_EACH_MS = 50
_SETTLE_MS = 300


class Screenshot(QObject):
    """Waits until a window is ready, writes its picture, and closes it."""

    def __init__(self, window: QWidget, is_ready: Callable[[], bool], path: Path) -> None:
        """Begin to wait; after `PATIENCE_S` the picture shows the window as it is then."""
        super().__init__(window)
        self._window, self._is_ready, self._path = window, is_ready, path
        self._give_up_at = time.monotonic() + PATIENCE_S
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_LOOK_EACH_MS)

    def _look(self) -> None:
        if self._is_ready() or time.monotonic() > self._give_up_at:
            self._timer.stop()
            QTimer.singleShot(_SETTLE_MS, self, self._take)  # what has just changed is painted

    def _take(self) -> None:
        self._window.grab().save(str(self._path), "PNG")
        self._window.close()
