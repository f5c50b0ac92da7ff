"""Draws waveforms as thin bars from the lowest to the highest sample, in the role's colour."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from desktop.clips.peaks import Peaks
from desktop.theme.colours import Colours, blended
from desktop.theme.typeface import RULER_PX as RULER_FONT_PX
from desktop.theme.typeface import text_font
from engine.loops.tempo import LoopGrid

_PEAK, _UNPLAYED_PEAK, _UNPLAYED_BODY = 0.55, 0.3, 0.55
"""The opacity of what is drawn of a waveform; the body of what has been played is solid."""
_BODY = 0.56
"""The height of the body, as a share of the peaks."""
_RULER_PX, _LOW_PX, _TALL_PX = 20, 100, 132
_LEAST_BAR_PX, _LEAST_BEAT_PX = 28, 44


def draw_waveform(
    painter: QPainter,
    rect: QRectF,
    peaks: Peaks,
    colours: Colours,
    role: str,
    *,
    played: float | None = None,
) -> None:
    """Draw a whole clip into a rectangle, a column per pixel; the highest peak fills the height.

    Of a clip that plays, the part after `played`, 0..1, is fainter.
    """
    columns = max(int(rect.width()), 1)
    bins = peaks.at(columns).astype(float)
    scale = rect.height() / 2 / max(abs(bins).max(), 24.0)
    middle = rect.center().y()
    ups, downs = (bins[:, 1] * scale).clip(min=0.6), (-bins[:, 0] * scale).clip(min=0.6)
    split = columns if played is None else round(columns * played)
    colour = colours.of_role(role)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for first, last, peak, body in (
        (0, split, _PEAK, 1.0),
        (split, columns, _UNPLAYED_PEAK, _UNPLAYED_BODY),
    ):
        for share, opacity in ((1.0, peak), (_BODY, body)):
            painter.setPen(QColor(blended(colour, colours.ground, opacity)))
            # As lists: reading single items from a list is faster than from an array.
            tops = (middle - ups[first:last] * share).tolist()
            bottoms = (middle + downs[first:last] * share).tolist()
            painter.drawLines(_columns(rect.x() + first + 0.5, tops, bottoms))
    painter.restore()


def _columns(left: float, tops: list[float], bottoms: list[float]) -> list[QLineF]:
    """Return upright lines, a pixel apart."""
    return [
        QLineF(left + column, top, left + column, bottom)
        for column, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))
    ]


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
        self._role = "import"
        self._verb: QWidget | None = None
        self._playhead: float | None = None
        self._seam = False
        self._bars: tuple[int, int] | None = None
        self._pressed_at: float | None = None
        self._dragged = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_tall(tall=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform")
        self.setToolTip("Drag to select bars; arrow keys move the selection, Shift extends it")

    def show_tall(self, *, tall: bool) -> None:
        """Be as tall as there is room for in a large window, or lower."""
        self.setFixedHeight(_RULER_PX + (_TALL_PX if tall else _LOW_PX))

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
            self._place_verb()
            self.update()
            self.bars_changed.emit()

    def clear_selection(self) -> None:
        """Clear the selection."""
        self.select_bars(None)
        self.bars_settled.emit()

    def show_clip(self, peaks: Peaks | None, grid: LoopGrid | None, role: str) -> None:
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
        colours, area = self._colours, self._area
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ruler(painter)
        focused = self.hasFocus()
        edge = colours.focus if focused else colours.line
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(colours.well))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._paint_selection(painter, area)
        self._paint_grid(painter, area)
        if self._peaks is not None:
            self._paint_peaks(painter, area)
        if self._playhead is not None:
            x = area.width() * ((self._playhead + (0.5 if self._seam else 0)) % 1)
            painter.fillRect(QRectF(round(x), area.y(), 2, area.height()), QColor(colours.text))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_verb()

    def offer_on_selection(self, button: QWidget) -> None:
        """Show a button on the selected bars, while there are any."""
        self._verb = button
        button.setParent(self)
        button.hide()

    def _place_verb(self) -> None:
        """Put the button into the selection's lower left, within the waveform."""
        if self._verb is None:
            return
        self._verb.setVisible(self._bars is not None)
        if self._bars is not None:
            self._verb.adjustSize()
            left = int((self._bars[0] - 1) * self.width() / max(self._bar_count, 1)) + 6
            left = max(min(left, self.width() - self._verb.width() - 6), 6)
            self._verb.move(left, self.height() - self._verb.height() - 5)

    @property
    def _area(self) -> QRectF:
        """Where the waveform is, below the ruler."""
        return QRectF(self.rect()).adjusted(0, _RULER_PX, 0, 0)

    def _paint_ruler(self, painter: QPainter) -> None:
        """Draw the numbers of bars and beats, and the brace over what plays."""
        if self._bar_count == 0 or self._grid is None or self._seam:
            return
        colours, width = self._colours, self.width()
        first, last = self._bars or (1, self._bar_count)
        bar_px = width / self._bar_count
        brace = QColor(colours.accent)
        left, right = (first - 1) * bar_px, last * bar_px
        painter.fillRect(QRectF(left, 0, right - left, 3), brace)
        for x in (left, right - 3):
            painter.fillRect(QRectF(x, 0, 3, 12), brace)
        painter.setFont(text_font(RULER_FONT_PX))
        painter.setPen(QColor(colours.muted))
        beats = self._grid.meter.numerator
        every = max(1, -(-_LEAST_BAR_PX // max(int(bar_px), 1)))
        for bar in range(self._bar_count):
            for beat in range(beats if bar_px / beats > _LEAST_BEAT_PX else 1):
                if beat == 0 and bar % every:
                    continue
                text = f"{bar + 1}.{beat + 1}" if beat else f"{bar + 1}"
                x = (bar + beat / beats) * bar_px
                painter.drawText(QPointF(x + 6, 15), text)

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
            QRectF(left, rect.y() + 1, right - left, rect.height() - 2),
            QColor(self._colours.raised),
        )
        painter.setPen(QPen(QColor(self._colours.accent), 1))
        for x in (left + 0.5, right - 0.5):
            painter.drawLine(QLineF(x, rect.y() + 1, x, rect.bottom() - 1))

    def _paint_peaks(self, painter: QPainter, rect: QRectF) -> None:
        assert self._peaks is not None  # noqa: S101 - the caller has looked
        inner, role = rect.adjusted(1, 4, -1, -4), self._role
        if not self._seam:
            draw_waveform(painter, inner, self._peaks, self._colours, role, played=self._playhead)
            return
        half = inner.width() / 2
        for side, shift in (("end", -half), ("start", half)):
            part = QRectF(inner.x() if side == "end" else half, inner.y(), half, inner.height())
            painter.save()
            painter.setClipRect(part)
            draw_waveform(painter, inner.translated(shift, 0), self._peaks, self._colours, role)
            painter.restore()

    def _paint_grid(self, painter: QPainter, rect: QRectF) -> None:
        if self._grid is None or not self._grid.is_loop:
            return
        beats = self._grid.bars * self._grid.meter.numerator
        show_beats = rect.width() / beats > 14
        for beat in range(1, beats):
            is_bar = beat % self._grid.meter.numerator == 0
            if is_bar or show_beats:
                line, well = self._colours.line, self._colours.well
                painter.setPen(QColor(line if is_bar else blended(line, well, 0.55)))
                x = round(rect.width() * beat / beats) + 0.5
                painter.drawLine(QLineF(x, rect.y() + 1, x, rect.bottom() - 1))


def _moved(bars: tuple[int, int] | None, steps: int, count: int, *, more: bool) -> tuple[int, int]:
    """Return the selection after an arrow key; `more` moves only its end."""
    if bars is None:
        return (1, 1) if steps > 0 else (count, count)
    first, last = bars
    if more:
        return first, min(max(last + steps, first), count)
    place = min(max((last if steps > 0 else first) + steps, 1), count)
    return place, place
