"""The grid of sixteen pads: played by mouse and keys, filled by drag and drop."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from desktop.pads.banks import LETTERS, PadState
from desktop.theme.colours import Colours, blended
from desktop.theme.signs import paint_sign
from desktop.theme.typeface import CAPTION_PX, MEDIUM, RULER_PX, STRONG, text_font
from desktop.widgets.drag_source import DragSource
from desktop.widgets.drops import audio_files, drag_files
from desktop.widgets.plain import plain_tip

COLUMNS = 4
_HEIGHT = 58
_ARROWS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -COLUMNS,
    Qt.Key.Key_Down: COLUMNS,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PadFace:
    """What a pad shows; only its letter if `title` is empty."""

    title: str = ""
    role: str | None = None
    file: Path | None = None
    missing: bool = False
    held: bool = False
    """Whether it sounds only while it is held: then the mouse strikes it at once."""


class PadButton(QAbstractButton):
    """One pad."""

    dropped = Signal(list)
    struck = Signal()
    """By the mouse when it is let go, since a drag must not strike it."""
    menu_wanted = Signal(QPoint)

    def __init__(self, colours: Colours, place: int) -> None:
        super().__init__()
        self.place = place
        self.face = PadFace()
        self.state = PadState.SILENT
        self.chosen = False
        self._colours = colours
        self._drop_is_over = False
        self._waits = False
        """Whether letting the mouse go strikes it."""
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets for that of the clip."""
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        DragSource(self, self._drag, lambda: self.face.file is not None)
        self._update_texts()

    def sizeHint(self) -> QSize:
        return QSize(_HEIGHT, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(34, _HEIGHT)

    def show_face(self, face: PadFace) -> None:
        """Show another clip, or an empty pad."""
        self.face = face
        self._update_texts()
        self.update()

    def show_state(self, state: PadState) -> None:
        """Show whether the pad sounds."""
        if state is not self.state:
            self.state = state
            self._update_texts()
            self.update()

    def show_chosen(self, *, chosen: bool) -> None:
        """Show whether the pad is selected."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._waits = self.isDown() and not self.face.held
        if self.isDown() and self.face.held:
            self.struck.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._waits and self.isDown():
            self.struck.emit()
        self._waits = False
        super().mouseReleaseEvent(event)

    def _drag(self) -> None:
        self._waits = False
        self.setDown(False)
        self.released.emit()
        if self.face.file is not None:
            drag_files(self, [self.face.file], self.taken_out)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter hits the pad, like Space; all other keys go to the grid."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        elif not event.isAutoRepeat():
            self.setDown(True)
            self.pressed.emit()
            self.struck.emit()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        elif not event.isAutoRepeat():
            self.setDown(False)
            self.released.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if audio_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._drop_is_over = True
            self.update()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._drop_is_over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_is_over = False
        self.update()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(audio_files(event.mimeData()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = self._colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sounds = self.state is PadState.SOUNDING
        ground, text = self._paints()
        pen = self._outline()
        inset = pen.widthF() / 2
        painter.setPen(pen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        inner = self.rect().adjusted(7, 5, -6, -6)
        painter.setPen(QColor(text if self.face.title else colours.muted))
        painter.setFont(text_font(RULER_PX, MEDIUM))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, LETTERS[self.place])
        self._paint_sign(painter, inner, text)
        painter.setPen(QColor(text))
        painter.setFont(text_font(CAPTION_PX, STRONG if sounds else MEDIUM))
        low = Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        painter.drawText(inner.adjusted(0, 14, 0, 0), low, self._title_in(painter, inner.width()))
        painter.end()

    def _paint_sign(self, painter: QPainter, inner: QRect, text: str) -> None:
        """Draw the sign of the role, or what the pad does, in the upper right corner."""
        if not self.face.title:
            return
        box = QRectF(inner.right() - 12, inner.y(), 13, 13)
        if self.state is PadState.WAITING:
            painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "next")
        elif self.state is PadState.SOUNDING:
            paint_sign(painter, box, "mix", text)
        elif self.face.missing:
            paint_sign(painter, box, "warning", self._colours.caution)
        else:
            role = self.face.role or "import"
            paint_sign(painter, box, role, self._colours.of_role(role))

    def _title_in(self, painter: QPainter, width: int) -> str:
        """Return the title, wrapped and elided to two lines."""
        metrics, words = painter.fontMetrics(), self.face.title.split()
        first = ""
        while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
            first = f"{first} {words.pop(0)}".strip()
        rest = " ".join(words)
        right = Qt.TextElideMode.ElideRight
        if not first:
            return metrics.elidedText(rest, right, width)
        return f"{first}\n{metrics.elidedText(rest, right, width)}" if rest else first

    def _paints(self) -> tuple[str, str]:
        """Return the colours of background and text."""
        colours = self._colours
        role = colours.of_role(self.face.role)
        if self._drop_is_over:
            return colours.wash(colours.focus), colours.text
        if not self.face.title or self.face.missing:
            return colours.ground, colours.muted
        if self.state is PadState.SOUNDING or self.isDown():
            return role, colours.ground
        return colours.pad_ground(self.face.role), colours.text

    def _outline(self) -> QPen:
        """Return the outline: of a target or the keyboard's pad, the next, the chosen, or none."""
        colours = self._colours
        if self._drop_is_over or self.hasFocus():
            return QPen(QColor(colours.focus), 2)
        if self.state is PadState.WAITING:
            return QPen(QColor(colours.accent), 2, Qt.PenStyle.DashLine)
        if self.chosen:
            return QPen(QColor(colours.text), 2)
        if self.face.missing:
            return QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine)
        role = colours.of_role(self.face.role)
        line = blended(role, colours.ground, 0.4) if self.face.title else colours.line
        return QPen(QColor(line), 1)

    def _update_texts(self) -> None:
        letter, face = LETTERS[self.place], self.face
        states = {PadState.SOUNDING: "sounding", PadState.WAITING: "waiting"}
        parts = [f"Pad {self.place + 1}, key {letter}", face.title or "empty"]
        parts += ["clip missing"] if face.missing else []
        parts += [states[self.state]] if self.state in states else []
        self.setAccessibleName(", ".join(parts))
        how = "drop a clip here, or select one and press Ctrl+P"
        about = "The file of this clip is missing" if face.missing else face.title
        self.setToolTip(plain_tip(f"{about or f'Empty: {how}'} ({letter})"))


class PadGrid(QWidget):
    """The pads of the current bank; its signals carry the place of a pad, 0 to 15."""

    struck = Signal(int)
    released = Signal(int)
    chosen = Signal(int)
    dropped = Signal(int, list)
    menu_wanted = Signal(int, QPoint)
    clear_wanted = Signal(int)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets for that of a clip."""
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self.buttons = [PadButton(colours, place) for place in range(len(LETTERS))]
        for button in self.buttons:
            grid.addWidget(button, *divmod(button.place, COLUMNS))
            self._connect(button)
        self.chosen_place = 0
        self.choose(0)

    def choose(self, place: int) -> None:
        """Select a pad."""
        self.buttons[self.chosen_place].show_chosen(chosen=False)
        self.chosen_place = place
        self.buttons[place].show_chosen(chosen=True)
        for button in self.buttons:  # Tab stops at one pad, arrows reach the others
            reached = button.place == place
            button.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if reached else Qt.FocusPolicy.ClickFocus
            )

    def focus_a_pad(self) -> None:
        """Focus the selected pad."""
        self.buttons[self.chosen_place].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move between pads, Delete clears the selected one."""
        step, keys = _ARROWS.get(Qt.Key(event.key())), Qt.Key
        place = self.chosen_place
        if step is not None:
            wraps = abs(step) == 1 and (place + step) // COLUMNS != place // COLUMNS
            if 0 <= place + step < len(self.buttons) and not wraps:
                self.chosen.emit(place + step)
                self.focus_a_pad()
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self.clear_wanted.emit(place)
        else:
            super().keyPressEvent(event)

    def _connect(self, button: PadButton) -> None:
        place = button.place
        button.pressed.connect(lambda: self.chosen.emit(place))
        button.struck.connect(lambda: self.struck.emit(place))
        button.taken_out = lambda file: self.taken_out(file)  # noqa: PLW0108 - it is set later
        button.released.connect(lambda: self.released.emit(place))
        button.dropped.connect(lambda files: self.dropped.emit(place, files))
        button.menu_wanted.connect(lambda point: self.menu_wanted.emit(place, point))
