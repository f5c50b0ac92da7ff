"""The large waveform of the chosen clip, in which it is listened to, selected and edited."""

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from desktop.clips.edit_handles import Handle, dragged
from desktop.clips.lineage import how_edited
from desktop.clips.peaks import BIN_FRAMES, Peaks
from desktop.clips.selection_verbs import VerbsOnSelection
from desktop.clips.verbs import bars_text
from desktop.clips.wave_paint import (
    DOT_INSET_PX,
    RULER_PX,
    Scene,
    paint_fades,
    paint_grid,
    paint_ruler,
    sound_picture,
)
from desktop.clips.wave_span import Follower, Span
from desktop.clips.waveform import FAINT, SOLID, Opacities
from desktop.theme.colours import Colours
from desktop.widgets.plain import plain_tip
from engine.loops.edits import NONE, Edits
from engine.loops.tempo import LoopGrid

_LOW_PX, _TALL_PX = 100, 132
_REACH_PX = 10
"""How near the pointer must be to a handle."""
_BAR_PX = 4
_LEAST_SHOWN_BINS = 200
_ZOOM, _WHEEL_ZOOM = 2.0, 1.25
_PAGE, _NOTCH = 0.8, 120
_TIP = (
    "Drag to select bars; arrow keys move the selection, Shift extends it. Wheel or + and - zoom, "
    "0 shows all, Page Up and Page Down scroll"
)
_TIPS = {
    Handle.FADE_IN: "Fade in: drag to a beat, with Shift to any place",
    Handle.FADE_OUT: "Fade out: drag to a beat, with Shift to any place",
    Handle.FIRST_BAR: "Trim: drag to the first bar that is heard and exported",
    Handle.LAST_BAR: "Trim: drag to the last bar that is heard and exported",
}


class WaveformView(QWidget):
    """The large waveform of one clip, with ruler, playhead, selection, fades and trim.

    Dragging and the arrow keys select whole bars. A click clears the selection, or emits `pressed`
    if there is none.
    """

    pressed = Signal()
    menu_wanted = Signal(QPoint)
    bars_changed = Signal()
    bars_settled = Signal()
    """The selection has changed, and the drag has ended."""
    edited = Signal(object)
    """The edits while a handle is dragged."""
    edits_settled = Signal()
    """The handle was let go."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._scene = Scene()
        self._pictures: dict[Opacities, QPixmap] = {}
        self._verbs = VerbsOnSelection(self)
        self._playhead: float | None = None
        self._follower = Follower()
        self._bars: tuple[int, int] | None = None
        self._pressed_at: float | None = None
        self._handle: Handle | None = None
        self._scrolls_from: float | None = None
        self._dragged = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_tall(tall=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Waveform")
        self.setToolTip(plain_tip(_TIP))

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def show_tall(self, *, tall: bool) -> None:
        """Be as tall as there is room for in a large window, or lower."""
        self.setFixedHeight(RULER_PX + (_TALL_PX if tall else _LOW_PX))

    # What is shown.

    @property
    def bars(self) -> tuple[int, int] | None:
        """The first and the last selected bar, counted from 1; None without a selection."""
        return self._bars

    @property
    def span(self) -> Span:
        """The part of the clip that is shown."""
        return self._scene.span

    def select_bars(self, bars: tuple[int, int] | None) -> None:
        """Select bars, or clear the selection with None."""
        if bars != self._bars:
            self._bars = bars
            self._describe()
            self._place_verbs()
            self.update()
            self.bars_changed.emit()

    def clear_selection(self) -> None:
        """Clear the selection."""
        self.select_bars(None)
        self.bars_settled.emit()

    def show_clip(
        self, peaks: Peaks | None, grid: LoopGrid | None, role: str, edits: Edits = NONE
    ) -> None:
        """Show a clip; `peaks` is None while the waveform is loading."""
        span = self._scene.span
        if grid != self._scene.grid:  # or else it is another take, which is compared in detail
            span = Span() if grid is None else Span(least=_least_shown(grid))
        self._show(peaks=peaks, grid=grid, role=role, edits=edits, span=span)

    def show_edits(self, edits: Edits) -> None:
        """Show the clip with other edits."""
        self._show(edits=edits)

    def show_playhead(self, fraction: float | None) -> None:
        """Show the playhead at a position, 0..1, and follow it; None hides it."""
        if fraction == self._playhead:
            return
        self._playhead = fraction
        span = self._follower.following(self.span, fraction)
        if self._pressed_at is None:  # or else what is dragged would move under the pointer
            self._show(span=span)
        self.update()

    def show_seam(self, seam: bool) -> None:  # noqa: FBT001 - a toggle's slot
        """Show what is heard of the clip shifted by half, so that its seam is in the middle."""
        if seam:
            self.clear_selection()
        self._show(seam=seam, span=dataclasses.replace(self.span, begin=0.0, end=1.0))

    @property
    def shows_spectrum(self) -> bool:
        """Whether the waveform has the colours of what is low and high in it."""
        return self._scene.spectrum

    def show_spectrum(self, *, on: bool) -> None:
        """Give the waveform the colours of what is low and high in it, or that of its role."""
        self._show(spectrum=on)

    def switch_spectrum(self) -> None:
        """Change between the two."""
        self.show_spectrum(on=not self.shows_spectrum)

    def zoom_in(self) -> None:
        """Show half as much, around the middle."""
        self._zoom(_ZOOM, self._middle)

    def zoom_out(self) -> None:
        """Show twice as much."""
        self._zoom(1 / _ZOOM, self._middle)

    def show_whole(self) -> None:
        """Show the whole clip."""
        self._zoom(self.span.length, self._middle)

    def offer_on_selection(self, *buttons: QWidget) -> None:
        """Show buttons on the selected bars, while there are any."""
        self._verbs.offer(*buttons)

    def _show(self, **fields: object) -> None:
        scene = dataclasses.replace(self._scene, **fields)  # type: ignore[arg-type]
        if scene != self._scene:
            self._scene, self._pictures = scene, {}
            self._describe()
            self._place_verbs()
            self.update()

    def _describe(self) -> None:
        """Say to a screen reader what is selected, and what was edited."""
        selected = "" if self._bars is None else f"{bars_text(self._bars)} selected"
        parts = (selected, how_edited(self._scene.edits))
        self.setAccessibleDescription(", ".join(part for part in parts if part))

    def _zoom(self, factor: float, around: float) -> None:
        if not self._scene.seam:
            self._move_to(self.span.zoomed(factor, around))

    def _scroll(self, by: float) -> None:
        self._move_to(self.span.moved(by))

    def _move_to(self, span: Span) -> None:
        """Show the part of the clip that the user wants to see."""
        self._show(span=span)
        self._follower.hold(span)

    @property
    def _middle(self) -> float:
        return (self.span.begin + self.span.end) / 2

    # Mouse, wheel and keys.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position()
        self._pressed_at, self._dragged = place.x(), False
        self._handle = self._handle_at(place)
        on_bar = not self.span.is_whole and place.y() >= self.height() - _REACH_PX
        self._scrolls_from = self.span.begin if on_bar and self._handle is None else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed_at is None:
            self._show_cursor(self._handle_at(event.position()))
            return
        if not self._dragged and abs(x - self._pressed_at) < QApplication.startDragDistance():
            return
        self._dragged = True
        if self._handle is not None:
            self._drag_handle(self._handle, x, event.modifiers())
        elif self._scrolls_from is not None:
            by = (x - self._pressed_at) / self.width()
            self._move_to(self.span.begins_at(self._scrolls_from + by))
        elif self._scene.bar_count and not self._scene.seam:
            ends = sorted((self._bar_at(self._pressed_at), self._bar_at(x)))
            self.select_bars((ends[0], ends[1]))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        dragged, pressed = self._dragged, self._pressed_at is not None
        handle, scrolled = self._handle, self._scrolls_from is not None
        self._pressed_at, self._dragged = None, False
        self._handle = self._scrolls_from = None
        if handle is not None or scrolled:
            if dragged and handle is not None:
                self.edits_settled.emit()
        elif dragged:
            self.bars_settled.emit()
        elif pressed and self._bars is not None:
            self.clear_selection()
        elif pressed:
            self.pressed.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, or scroll with Shift or a horizontal wheel."""
        turned = event.angleDelta()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        event.accept()
        if shift or abs(turned.x()) > abs(turned.y()):
            self._scroll(-(turned.x() or turned.y()) / _NOTCH / 8)
        elif turned.y():
            around = self.span.place_at(event.position().x(), self.width())
            self._zoom(_WHEEL_ZOOM ** (turned.y() / _NOTCH), around)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            around = self.span.place_at(event.position().x(), self.width())
            self._zoom(max(1 + event.value(), 0.1), around)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        acts: dict[Qt.Key, Callable[[], None]] = {
            keys.Key_Plus: self.zoom_in, keys.Key_Equal: self.zoom_in,
            keys.Key_Minus: self.zoom_out, keys.Key_0: self.show_whole,
            keys.Key_PageUp: lambda: self._scroll(-_PAGE),
            keys.Key_PageDown: lambda: self._scroll(_PAGE),
            keys.Key_Home: lambda: self._scroll(-1 / self.span.length),
            keys.Key_End: lambda: self._scroll(1 / self.span.length),
        }  # fmt: skip
        act = acts.get(Qt.Key(event.key()))
        steps = {keys.Key_Left: -1, keys.Key_Right: 1}.get(Qt.Key(event.key()))
        if act is not None:
            act()
        elif steps is None or not self._scene.bar_count or self._scene.seam:
            super().keyPressEvent(event)
        else:
            more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.select_bars(_moved(self._bars, steps, self._scene.bar_count, more=more))
            self.bars_settled.emit()

    def _handle_at(self, at: QPointF) -> Handle | None:
        """Return the handle under the pointer: ends of the brace in the ruler, dots below it."""
        on_ruler = at.y() < RULER_PX
        if not on_ruler and at.y() > RULER_PX + DOT_INSET_PX + _REACH_PX:
            return None
        wanted = (
            (Handle.FIRST_BAR, Handle.LAST_BAR) if on_ruler else (Handle.FADE_IN, Handle.FADE_OUT)
        )
        handles = self._scene.handles(self.width())
        near = {h: abs(handles[h] - at.x()) for h in wanted if h in handles}
        found = min(near, key=near.__getitem__, default=None)
        return found if found is not None and near[found] <= _REACH_PX else None

    def _drag_handle(self, handle: Handle, x: float, modifiers: Qt.KeyboardModifier) -> None:
        grid = self._scene.grid
        if grid is None:
            return
        free = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        place = self.span.place_at(x, self.width())
        edits = dragged(handle, self._scene.edits, grid, place, free=free)
        if edits != self._scene.edits:
            self.show_edits(edits)
            self.edited.emit(edits)

    def _show_cursor(self, handle: Handle | None) -> None:
        shapes = Qt.CursorShape
        self.setCursor(shapes.ArrowCursor if handle is None else shapes.SizeHorCursor)
        self.setToolTip(plain_tip(_TIP if handle is None else _TIPS[handle]))

    def _bar_at(self, x: float) -> int:
        bar = int(self.span.place_at(x, self.width()) * self._scene.bar_count) + 1
        return min(max(bar, 1), self._scene.bar_count)

    # Painting.

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, area, scene = self._colours, self._area, self._scene
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ruler(painter, scene, self.width(), colours)
        focused = self.hasFocus()
        edge = colours.focus if focused else colours.line
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(colours.well))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setClipRect(area.adjusted(1, 1, -1, -1))
        self._paint_selection(painter, area)
        paint_grid(painter, scene, area, colours)
        if scene.peaks is not None:
            self._paint_sound(painter, area)
        if not scene.seam:
            paint_fades(painter, scene, area, colours)
        if self._playhead is not None:
            x = round(scene.x_of(self._playhead, area.width()))
            painter.fillRect(QRectF(x, area.y(), 2, area.height()), QColor(colours.text))
        if not self.span.is_whole:
            left, right = (share * area.width() for share in (self.span.begin, self.span.end))
            bar = QRectF(left, area.bottom() - _BAR_PX - 2, right - left, _BAR_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.field))
            painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:  # as after a change of colours
            self._pictures = {}
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pictures = {}
        self._place_verbs()

    @property
    def _area(self) -> QRectF:
        """Where the waveform is, below the ruler."""
        return QRectF(self.rect()).adjusted(0, RULER_PX, 0, 0)

    def _paint_sound(self, painter: QPainter, area: QRectF) -> None:
        """Draw the waveform; what has not been played yet is fainter while it plays."""
        inner, width = area.adjusted(0, 4, 0, -4), self.width()
        split = width
        if self._playhead is not None and not self._scene.seam:
            split = min(max(round(self._scene.x_of(self._playhead, width)), 0), width)
        for opacities, left, right in ((SOLID, 0, split), (FAINT, split, width)):
            if right > left:
                picture = self._picture(inner.size(), opacities)
                ratio = picture.devicePixelRatio()
                source = QRectF(left * ratio, 0, (right - left) * ratio, picture.height())
                target = QRectF(left, inner.y(), right - left, inner.height())
                painter.drawPixmap(target, picture, source)

    def _picture(self, size: QSizeF, opacities: Opacities) -> QPixmap:
        """Return the sound as it is drawn, which is done once: the playhead moves often."""
        ratio = self.devicePixelRatio()
        picture = self._pictures.get(opacities)
        if picture is None or picture.devicePixelRatio() != ratio:
            picture = sound_picture(self._scene, size, ratio, self._colours, opacities)
            self._pictures[opacities] = picture
        return picture

    def _paint_selection(self, painter: QPainter, area: QRectF) -> None:
        selected = self._selected_px()
        if selected is None:
            return
        left, right = selected
        box = QRectF(left, area.y() + 1, right - left, area.height() - 2)
        painter.fillRect(box, QColor(self._colours.raised))
        painter.fillRect(QRectF(left, box.y(), 1, box.height()), QColor(self._colours.accent))
        painter.fillRect(QRectF(right - 1, box.y(), 1, box.height()), QColor(self._colours.accent))

    def _selected_px(self) -> tuple[float, float] | None:
        if self._bars is None or not self._scene.bar_count:
            return None
        first, last = self._bars
        places = ((first - 1) / self._scene.bar_count, last / self._scene.bar_count)
        left, right = (self._scene.x_of(place, self.width()) for place in places)
        return left, right

    def _place_verbs(self) -> None:
        self._verbs.place(self._selected_px(), self.size())


def _least_shown(grid: LoopGrid) -> float:
    """Return the shortest part that can be shown: so many bins that they still are a curve."""
    return min(_LEAST_SHOWN_BINS * BIN_FRAMES / max(grid.frames, 1), 1.0)


def _moved(bars: tuple[int, int] | None, steps: int, count: int, *, more: bool) -> tuple[int, int]:
    """Return the selection after an arrow key; `more` moves only its end."""
    if bars is None:
        return (1, 1) if steps > 0 else (count, count)
    first, last = bars
    if more:
        return first, min(max(last + steps, first), count)
    place = min(max((last if steps > 0 else first) + steps, 1), count)
    return place, place
