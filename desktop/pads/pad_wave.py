"""The waveform of the chosen pad's clip, in which the part that plays is set by dragging."""

import dataclasses

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.clips.peaks import Peaks
from desktop.clips.waveform import draw_waveform
from desktop.theme.colours import Colours
from desktop.widgets.plain import plain_tip
from engine.loops.edits import NONE, Edits
from engine.loops.tempo import LoopGrid

_HEIGHT_PX, _REACH_PX, _END_PX = 44, 8, 2
_STEP = 1 / 64
"""The parts of a loop that an end snaps to, and the shortest part."""
_DIMMED = 0.7
_TIP = "Drag an end of the part that plays; with Shift to any place"


@dataclasses.dataclass(frozen=True)
class PadPicture:
    """What is drawn of the clip on a pad.

    Attributes:
        peaks: None while the waveform is loading.
        role: a key of `Colours.roles`.
        grid: of the clip; None for one of unknown origin.
        edits: which the clip is heard with.
    """

    peaks: Peaks | None = None
    role: str = "import"
    grid: LoopGrid | None = None
    edits: Edits = NONE


class PadWave(QWidget):
    """Shows a clip as it sounds; emits `part_changed` with the part that plays once a drag ends."""

    part_changed = Signal(float, float)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._picture = PadPicture()
        self._part = (0.0, 1.0)
        self._shown = self._picture, self._part
        self._dragged: int | None = None
        """Which end is dragged: 0 or 1."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Waveform of the pad")
        self.setToolTip(plain_tip(_TIP))

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    @property
    def part(self) -> tuple[float, float]:
        """Where the part that plays begins and ends, as shares of what is heard of the clip."""
        return self._part

    def show_pad(self, picture: PadPicture, start: float, end: float) -> None:
        """Show the clip of a pad, of which the part from `start` to `end` plays, 0..1."""
        if (picture, (start, end)) != self._shown:  # or else a drag goes on
            self._shown = picture, (start, end)
            self._picture, self._part, self._dragged = picture, (start, end), None
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged = self._end_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        shapes = Qt.CursorShape
        x = event.position().x()
        if self._dragged is None:
            near = self.isEnabled() and self._end_at(x) is not None
            self.setCursor(shapes.SizeHorCursor if near else shapes.ArrowCursor)
            return
        place = min(max(x / max(self.width(), 1), 0.0), 1.0)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            place = round(place / _STEP) * _STEP
        start, end = self._part
        if self._dragged == 0:
            self._part = min(place, max(end - _STEP, 0.0)), end
        else:
            self._part = start, max(place, min(start + _STEP, 1.0))
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._dragged is not None:
            self._dragged = None
            self.part_changed.emit(*self._part)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, picture = self._colours, self._picture
        area = QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.well))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if picture.peaks is not None:
            inner = area.adjusted(1, 5, -1, -5)
            draw_waveform(
                painter, inner, picture.peaks, colours, picture.role,
                grid=picture.grid, edits=picture.edits,
            )  # fmt: skip
            self._paint_part(painter, area)
        painter.end()

    def _paint_part(self, painter: QPainter, area: QRectF) -> None:
        """Dim what does not play, and draw the ends of what does."""
        left, right = (self._x_of(place) for place in self._part)
        silent = QColor(self._colours.well)
        silent.setAlphaF(_DIMMED)
        inner = area.adjusted(1, 1, -1, -1)
        painter.fillRect(QRectF(inner.x(), inner.y(), left, inner.height()), silent)
        painter.fillRect(QRectF(right, inner.y(), inner.right() - right, inner.height()), silent)
        for x in (left, right - _END_PX):
            end = QRectF(x, inner.y(), _END_PX, inner.height())
            painter.fillRect(end, QColor(self._colours.accent))

    def _x_of(self, place: float) -> float:
        return min(max(place * self.width(), 1.0), self.width() - 1.0)

    def _end_at(self, x: float) -> int | None:
        """Return which end of the part is near; None if neither is."""
        far = [abs(self._x_of(place) - x) for place in self._part]
        nearest = far.index(min(far))
        return nearest if far[nearest] <= _REACH_PX else None
