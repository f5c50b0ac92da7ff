"""A peak meter of the master level, with a line per channel."""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme.colours import Colours

FLOOR_DB = -48.0
FALL_DB_PER_S = 36.0
_LINE_PX, _GAP_PX = 3, 2


class LevelMeter(QWidget):
    """Shows peaks from -48 to 0 dBFS; louder peaks are shown as clipping."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._shown_db = [FLOOR_DB, FLOOR_DB]
        self.setFixedSize(112, 2 * _LINE_PX + _GAP_PX)
        self.setAccessibleName("Level")
        self.setToolTip("Output level, -48 to 0 dB")

    @property
    def shown_db(self) -> tuple[float, float]:
        """The shown levels of left and right, in dBFS."""
        return self._shown_db[0], self._shown_db[1]

    @property
    def rests(self) -> bool:
        """Whether both levels are at the floor."""
        return max(self._shown_db) <= FLOOR_DB

    def show_peaks(self, peaks: tuple[float, float], passed_s: float) -> None:
        """Show the peaks of left and right, 0..1, over the last `passed_s` seconds."""
        before = list(self._shown_db)
        for side, peak in enumerate(peaks):
            fallen = self._shown_db[side] - FALL_DB_PER_S * passed_s
            peak_db = 20 * math.log10(peak) if peak > 0 else FLOOR_DB
            self._shown_db[side] = max(fallen, peak_db, FLOOR_DB)
        if self._shown_db != before:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        for side, shown_db in enumerate(self._shown_db):
            line = QRectF(0, side * (_LINE_PX + _GAP_PX), self.width(), _LINE_PX)
            painter.fillRect(line, QColor(self._colours.line))
            line.setWidth(self.width() * min(1 - shown_db / FLOOR_DB, 1.0))
            colour = self._colours.bad if shown_db > 0 else self._colours.good
            painter.fillRect(line, QColor(colour))
        painter.end()
