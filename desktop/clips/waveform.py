"""Draws waveforms as thin bars from the lowest to the highest sample, in the role's colour."""

from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from desktop.clips.peaks import Peaks
from desktop.theme.colours import Colours, blended
from engine.loops.tempo import LoopGrid

_BAR_PITCH = 3.0


def draw_waveform(
    painter: QPainter, rect: QRectF, peaks: Peaks, colour: str, *, width_px: float = 1.8
) -> None:
    """Draw a whole clip into a rectangle; the highest peak fills the height."""
    columns = max(int(rect.width() / _BAR_PITCH), 1)
    bins = peaks.at(columns).astype(float)
    scale = rect.height() / 2 / max(abs(bins).max(), 24.0)
    middle, left = rect.center().y(), rect.x() + _BAR_PITCH / 2
    # As lists: reading single items from a list is faster than from an array.
    tops = (middle - (bins[:, 1] * scale).clip(min=0.6)).tolist()
    bottoms = (middle - (bins[:, 0] * scale).clip(max=-0.6)).tolist()
    lines = [
        QLineF(left + column * _BAR_PITCH, top, left + column * _BAR_PITCH, bottom)
        for column, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))
    ]
    pen = QPen(QColor(colour), width_px)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLines(lines)


class WaveformView(QWidget):
    """The large waveform of one clip, with bar grid, playhead and seam.

    Dragging and the arrow keys select whole bars. A click clears the selection, or emits `pressed`
    if there is none.
    """

    pressed = Signal()
    bars_changed = Signal()
    bars_settled = Signal()
    """The selection has changed, and the drag has ended."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._peaks: Peaks | None = None
        self._grid: LoopGrid | None = None
        self._role: str | None = None
        self._playhead: float | None = None
        self._seam = False
        self._bars: tuple[int, int] | None = None
        self._pressed_at: float | None = None
        self._dragged = False
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform")
        self.setToolTip("Drag to select bars; arrow keys move the selection, Shift extends it")

    @property
    def bars(self) -> tuple[int, int] | None:
        """The first and the last selected bar, counted from 1; None without a selection."""
        return self._bars

    def select_bars(self, bars: tuple[int, int] | None) -> None:
        """Select bars, or clear the selection with None."""
        if bars != self._bars:
            self._bars = bars
            description = "" if bars is None else f"bars {bars[0]} to {bars[1]} selected"
            self.setAccessibleDescription(description)
            self.update()
            self.bars_changed.emit()

    def clear_selection(self) -> None:
        """Clear the selection."""
        self.select_bars(None)
        self.bars_settled.emit()

    def show_clip(self, peaks: Peaks | None, grid: LoopGrid | None, role: str | None) -> None:
        """Show a clip; `peaks` is None while the waveform is loading."""
        self._peaks, self._grid, self._role = peaks, grid, role
        self.update()

    def show_playhead(self, fraction: float | None) -> None:
        """Show the playhead at a position, 0..1; None hides it."""
        if fraction != self._playhead:
            self._playhead = fraction
            self.update()

    def show_seam(self, seam: bool) -> None:  # noqa: FBT001 - a toggle's slot
        """Show the clip shifted by half, so that its seam is in the middle."""
        self._seam = seam
        if seam:
            self.clear_selection()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at, self._dragged = event.position().x(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None or self._seam or self._bar_count == 0:
            return
        x = event.position().x()
        if self._dragged or abs(x - self._pressed_at) >= QApplication.startDragDistance():
            self._dragged = True
            ends = sorted((self._bar_at(self._pressed_at), self._bar_at(x)))
            self.select_bars((ends[0], ends[1]))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        dragged, pressed = self._dragged, self._pressed_at is not None
        self._pressed_at, self._dragged = None, False
        if dragged:
            self.bars_settled.emit()
        elif pressed and self._bars is not None:
            self.clear_selection()
        elif pressed:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None or self._bar_count == 0 or self._seam:
            super().keyPressEvent(event)
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.select_bars(_moved(self._bars, steps, self._bar_count, more=more))
        self.bars_settled.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        self._paint_selection(painter, rect)
        self._paint_grid(painter, rect)
        if self._peaks is not None:
            self._paint_peaks(painter, rect)
        if self._playhead is not None:
            painter.setPen(QPen(QColor(self._colours.text), 1.5))
            x = rect.width() * ((self._playhead + (0.5 if self._seam else 0)) % 1)
            painter.drawLine(QLineF(x, 0, x, rect.height()))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._colours.accent), 1))
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    @property
    def _bar_count(self) -> int:
        return self._grid.bars if self._grid is not None and self._grid.is_loop else 0

    def _bar_at(self, x: float) -> int:
        bar = int(x / max(self.width(), 1) * self._bar_count) + 1
        return min(max(bar, 1), self._bar_count)

    def _paint_selection(self, painter: QPainter, rect: QRectF) -> None:
        if self._bars is None or self._bar_count == 0:
            return
        bar_px = rect.width() / self._bar_count
        left, right = (self._bars[0] - 1) * bar_px, self._bars[1] * bar_px
        painter.fillRect(
            QRectF(left, 0, right - left, rect.height()),
            QColor(blended(self._colours.accent, self._colours.panel, 0.18)),
        )
        painter.setPen(QPen(QColor(self._colours.accent), 1))
        for x in (left + 0.5, right - 0.5):
            painter.drawLine(QLineF(x, 0, x, rect.height()))

    def _paint_peaks(self, painter: QPainter, rect: QRectF) -> None:
        assert self._peaks is not None  # noqa: S101 - the caller has looked
        inner, colour = rect.adjusted(0, 4, 0, -4), self._colours.of_role(self._role)
        if not self._seam:
            draw_waveform(painter, inner, self._peaks, colour)
            return
        half = inner.width() / 2
        for side, shift in (("end", -half), ("start", half)):
            part = QRectF(inner.x() if side == "end" else half, inner.y(), half, inner.height())
            painter.save()
            painter.setClipRect(part)
            draw_waveform(painter, inner.translated(shift, 0), self._peaks, colour)
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


def _moved(bars: tuple[int, int] | None, steps: int, count: int, *, more: bool) -> tuple[int, int]:
    """Return the selection after an arrow key; `more` moves only its end."""
    if bars is None:
        return (1, 1) if steps > 0 else (count, count)
    first, last = bars
    if more:
        return first, min(max(last + steps, first), count)
    place = min(max((last if steps > 0 else first) + steps, 1), count)
    return place, place
