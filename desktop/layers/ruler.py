"""The ruler over the lanes: the bars of a round, and where the sound is."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme.colours import Colours
from desktop.theme.typeface import RULER_PX, text_font

_LEAST_BAR_PX = 28
_MARK_PX = 6


class Ruler(QWidget):
    """Numbers the bars of a round."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._bars = 1
        self._playhead: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 24)

    def show_bars(self, bars: int) -> None:
        """Show the length of the round."""
        if bars != self._bars:
            self._bars = bars
            self.update()

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the round the sound is, 0..1; None hides it."""
        for place in (self._playhead, fraction):
            if place is not None and fraction != self._playhead:
                x = round(place * self.width())
                self.update(QRect(x - _MARK_PX, 0, 2 * _MARK_PX + 1, self.height()))
        self._playhead = fraction

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, height = self._colours, self.height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(RULER_PX))
        bar_px = self.width() / self._bars
        every = max(1, -(-_LEAST_BAR_PX // max(int(bar_px), 1)))
        for bar in range(0, self._bars, every):
            x = bar * bar_px
            painter.fillRect(QRectF(round(x), 14, 1, height - 14), QColor(colours.edge))
            painter.setPen(QColor(colours.muted))
            painter.drawText(QPointF(x + 6, 22), str(bar + 1))
        if self._playhead is not None:
            x, top = round(self._playhead * self.width()) + 0.5, height - 8
            mark = [QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, height)]
            painter.setPen(QColor(colours.text))
            painter.setBrush(QColor(colours.text))
            painter.drawPolygon(QPolygonF(mark))
        painter.end()
