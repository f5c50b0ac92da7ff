"""A drag handle whose files are made when they are dragged."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from desktop.widgets.buttons import SignButton
from desktop.widgets.drops import drag_files


class LateHandle(SignButton):
    """Emits `wanted` when a drag begins; `offer` continues it if the button is still held."""

    wanted = Signal()

    def __init__(self, text: str, tip: str) -> None:
        super().__init__(text, "grip", tip, look="out", small=True)
        self._pressed_at: QPoint | None = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def offer(self, files: Sequence[Path]) -> None:
        """Drag files that were wanted."""
        self.setDown(False)
        if files and QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            drag_files(self, files)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            return
        far = event.position().toPoint() - self._pressed_at
        if far.manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self.wanted.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._pressed_at = None
