"""The picture of a lane: its loop, repeated to the end of the round, and the playhead over it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.clips.peaks import Peaks
from desktop.clips.waveform import draw_waveform
from desktop.theme.colours import Colours, blended
from desktop.theme.typeface import CAPTION_PX, MEDIUM, RULER_PX, STRONG, text_font
from desktop.widgets.drag_source import DragSource
from desktop.widgets.drops import drag_files
from engine.loops.edits import NONE, Edits
from engine.loops.tempo import LoopGrid

_GROUND, _MUTED = 0.16, 0.45
"""The share of the role's colour in the ground of a loop, and what is left of a muted one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LaneFace:
    """What a lane shows.

    Attributes:
        title: of the loop.
        role: of the loop, a key of `Colours.roles`.
        repeats: how often it plays within the round; the last may be cut.
        time: `Half-time` or `Double-time`, if it is heard so; else empty.
        note: what is said in place of the waveform: why it is not heard yet, or what will be.
        making: how much of what will be in the lane is done, 0..1; None if nothing is made.
        file: what is dragged out of it.
        silent: whether it is muted, or others are solo.
        grid: of the loop as it was made.
        edits: which the loop is heard with.
    """

    title: str = ""
    role: str = "import"
    repeats: float = 1.0
    time: str = ""
    note: str = ""
    making: float | None = None
    file: Path | None = None
    silent: bool = False
    grid: LoopGrid | None = None
    edits: Edits = NONE


class LaneWave(QWidget):
    """Draws one lane; its loop can be dragged out, and has a menu."""

    menu_wanted = Signal(QPoint)
    remove_wanted = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets for the file of the loop."""
        self._colours = colours
        self._face = LaneFace()
        self._peaks: Peaks | None = None
        self._playhead: float | None = None
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        DragSource(self, self._drag, lambda: self._face.file is not None)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 24)

    def show_face(self, face: LaneFace, peaks: Peaks | None) -> None:
        """Show a loop; `peaks` is None while its waveform is loading."""
        if (face, peaks) != (self._face, self._peaks):
            self._face, self._peaks = face, peaks
            self.setAccessibleName(f"Layer {face.title}")
            about = (face.time, face.note or "Delete removes it, Menu shows more")
            self.setAccessibleDescription(": ".join(part for part in about if part))
            grip = Qt.CursorShape.OpenHandCursor if face.file else Qt.CursorShape.ArrowCursor
            self.setCursor(grip)
            self._picture = None
            self.update()

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the round the sound is, 0..1; None hides it."""
        if fraction == self._playhead:
            return
        for place in (self._playhead, fraction):
            if place is not None:
                self.update(QRect(round(place * self.width()) - 1, 0, 3, self.height()))
        self._playhead = fraction

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or the moves of a drag go elsewhere

    def _drag(self) -> None:
        if self._face.file is not None:
            drag_files(self, [self._face.file], self.taken_out)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self.remove_wanted.emit()
        elif event.key() in (keys.Key_Return, keys.Key_Enter):
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:  # as after a change of colours
            self._picture = None
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:  # the playhead moves often, the loop does not
            ratio = self.devicePixelRatio()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(QColor(self._colours.panel))
            painter = QPainter(self._picture)
            self._paint_loop(painter)
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._playhead is not None:
            x = round(self._playhead * self.width())
            painter.fillRect(QRectF(x, 0, 1, self.height()), QColor(self._colours.text))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._colours.focus), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _paint_loop(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        if self._face.note:
            self._paint_note(painter, area)
            return
        painter.setClipRect(area)
        width = area.width() / self._face.repeats
        number = 0
        while number < self._face.repeats - 1e-6:
            box = QRectF(area.x() + number * width, area.y(), max(width - 2, 1), area.height())
            self._paint_repeat(painter, box)
            number += 1
        if self._face.time:
            self._paint_time(painter, area)

    def _paint_repeat(self, painter: QPainter, box: QRectF) -> None:
        """Draw the loop once, with a line where it begins."""
        colours, face = self._colours, self._face
        colour = colours.of_role(face.role)
        painter.setPen(Qt.PenStyle.NoPen)
        share = _GROUND * (_MUTED if face.silent else 1.0)
        painter.setBrush(QColor(blended(colour, colours.ground, share)))
        painter.drawRoundedRect(box, 4, 4)
        if face.silent:
            painter.setOpacity(_MUTED)
        if self._peaks is not None:
            inner = box.adjusted(3, 2, -1, -2)
            draw_waveform(
                painter, inner, self._peaks, colours, face.role, grid=face.grid, edits=face.edits
            )
        painter.fillRect(QRectF(box.x(), box.y() + 1, 2, box.height() - 2), QColor(colour))
        painter.setOpacity(1.0)

    def _paint_time(self, painter: QPainter, area: QRectF) -> None:
        """Draw a badge with the word for half or double time, where the loop begins."""
        colours = self._colours
        painter.setFont(text_font(RULER_PX, STRONG))
        width = painter.fontMetrics().horizontalAdvance(self._face.time) + 12
        box = QRectF(area.x() + 8, area.center().y() - 8, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.wash(colours.caution)))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours.caution))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._face.time)

    def _paint_note(self, painter: QPainter, area: QRectF) -> None:
        """Draw a dashed box with words in it, filled as far as what it waits for is done."""
        colours, face = self._colours, self._face
        box = area.adjusted(0.5, 0.5, -0.5, -0.5)
        if face.making is not None:
            done = QRectF(box.x(), box.y(), box.width() * face.making, box.height())
            painter.fillRect(done, QColor(colours.tint))
        painter.setPen(QPen(QColor(colours.edge), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours.muted))
        painter.setFont(text_font(CAPTION_PX, MEDIUM))
        line = box.adjusted(8, 0, -8, 0)
        dots = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(face.note, dots, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
