"""The volume slider, with the peaks of the output behind its knob, a line per channel."""

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from desktop.theme.colours import Colours

FLOOR_DB = -48.0
FALL_DB_PER_S = 36.0
_LINE_PX, _GAP_PX = 4, 2
_KNOB_PX = QSize(4, 16)


class LevelMeter(QSlider):
    """A slider from 0 to 100 that shows peaks from -48 to 0 dBFS; louder ones show as clipping."""

    def __init__(self, colours: Colours) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._colours = colours
        self._shown_db = [FLOOR_DB, FLOOR_DB]
        self.setRange(0, 100)
        self.setPageStep(5)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(56)
        self.setAccessibleName("Volume")
        self.setToolTip("Volume (Ctrl+= and Ctrl+-), and the output level, -48 to 0 dB")

    def sizeHint(self) -> QSize:
        return QSize(112, 32)

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colours, middle = self._colours, self.height() / 2
        for side, shown_db in enumerate(self._shown_db):
            top = middle + (-_LINE_PX - _GAP_PX / 2, _GAP_PX / 2)[side]
            line = QRectF(0, top, self.width(), _LINE_PX)
            painter.setBrush(QColor(colours.line))
            painter.drawRoundedRect(line, 2, 2)
            line.setWidth(self.width() * min(1 - shown_db / FLOOR_DB, 1.0))
            painter.setBrush(QColor(colours.bad if shown_db > 0 else colours.good))
            painter.drawRoundedRect(line, 2, 2)
        left = (self.width() - _KNOB_PX.width() - 4) * self.value() / 100 + 2
        knob = QRectF(left, middle - _KNOB_PX.height() / 2, _KNOB_PX.width(), _KNOB_PX.height())
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(knob.adjusted(-2, -2, 2, 2), 4, 4)
        painter.setBrush(QColor(colours.focus if self.hasFocus() else colours.text))
        painter.drawRoundedRect(knob, 2, 2)
        painter.end()
