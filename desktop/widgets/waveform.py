"""Draws waveforms: thin bars from the lowest to the highest sample, in the role's colour."""

from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.peaks import Peaks
from desktop.theme.colours import Colours
from engine.loops.tempo import LoopGrid

_BAR_PITCH = 3.0


def draw_waveform(
    painter: QPainter, rect: QRectF, peaks: Peaks, colour: str, *, width_px: float = 1.8
) -> None:
    """Draw a whole clip into a rectangle; its loudest moment fills the height."""
    columns = max(int(rect.width() / _BAR_PITCH), 1)
    bins = peaks.at(columns).astype(float)
    scale = rect.height() / 2 / max(abs(bins).max(), 24.0)
    middle = rect.center().y()
    lines = []
    for column, (low, high) in enumerate(bins):
        x = rect.x() + column * _BAR_PITCH + _BAR_PITCH / 2
        lines.append(QLineF(x, middle - max(high * scale, 0.6), x, middle - min(low * scale, -0.6)))
    pen = QPen(QColor(colour), width_px)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLines(lines)


class WaveformView(QWidget):
    """The large waveform of one clip: bar grid, playhead, and the seam where it begins again."""

    pressed = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._peaks: Peaks | None = None
        self._grid: LoopGrid | None = None
        self._colour = colours.muted
        self._playhead: float | None = None
        self._seam = False
        self.setMinimumHeight(72)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Waveform")

    def show_clip(self, peaks: Peaks | None, grid: LoopGrid | None, colour: str) -> None:
        """Show a clip; without peaks, that they are on their way."""
        self._peaks, self._grid, self._colour = peaks, grid, colour
        self.update()

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the clip it plays, 0..1."""
        if fraction != self._playhead:
            self._playhead = fraction
            self.update()

    def show_seam(self, seam: bool) -> None:  # noqa: FBT001 - a toggle's slot
        """Show the clip turned by half, so that its seam is in the middle."""
        self._seam = seam
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        self._paint_grid(painter, rect)
        if self._peaks is not None:
            self._paint_peaks(painter, rect)
        if self._playhead is not None:
            painter.setPen(QPen(QColor(self._colours.text), 1.5))
            x = rect.width() * ((self._playhead + (0.5 if self._seam else 0)) % 1)
            painter.drawLine(QLineF(x, 0, x, rect.height()))
        painter.end()

    def _paint_peaks(self, painter: QPainter, rect: QRectF) -> None:
        assert self._peaks is not None  # noqa: S101 - the caller has looked
        inner = rect.adjusted(0, 4, 0, -4)
        if not self._seam:
            draw_waveform(painter, inner, self._peaks, self._colour)
            return
        half = inner.width() / 2
        for side, shift in (("end", -half), ("start", half)):
            part = QRectF(inner.x() if side == "end" else half, inner.y(), half, inner.height())
            painter.save()
            painter.setClipRect(part)
            draw_waveform(painter, inner.translated(shift, 0), self._peaks, self._colour)
            painter.restore()

    def _paint_grid(self, painter: QPainter, rect: QRectF) -> None:
        if self._grid is None or not self._grid.is_loop:
            return
        beats = self._grid.bars * self._grid.meter.numerator
        show_beats = rect.width() / beats > 14
        for beat in range(beats):
            is_bar = beat % self._grid.meter.numerator == 0
            if is_bar or show_beats:
                colour = self._colours.line if is_bar else self._colours.raised
                painter.setPen(QPen(QColor(colour), 1))
                x = rect.width() * beat / beats
                painter.drawLine(QLineF(x, 0, x, rect.height()))
