"""The names of the columns, above the list of clips."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.clips.clip_list import ClipList
from desktop.clips.delegate import HEADER_HEIGHT, RowDelegate


class ListHeader(QWidget):
    """Stands exactly above the columns of the list's rows."""

    def __init__(self, clips: ClipList) -> None:
        super().__init__()
        self._clips = clips
        self.setFixedHeight(HEADER_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        delegate = self._clips.delegate
        if not isinstance(delegate, RowDelegate):
            return
        painter = QPainter(self)
        delegate.paint_header(painter, QRect(0, 0, self._clips.row_width, self.height()))
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, QColor(delegate.colours.line))
        painter.end()
