"""Begins a drag from a widget, whatever else the widget does with the mouse."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets.basics import repolish
from desktop.widgets.buttons import SignButton
from desktop.widgets.drops import drag_files

_GRIP = Qt.CursorShape.OpenHandCursor
_REST_MS = 150
_AGAIN = "Ready now: drag {name} again."


class DragSource(QObject):
    """Calls `begin` once the pointer has been pulled far enough with the button down."""

    def __init__(
        self,
        widget: QWidget,
        begin: Callable[[], None],
        can_begin: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(widget)
        self._begin = begin
        self._can_begin = can_begin
        self._pressed_at: QPoint | None = None
        widget.setCursor(_GRIP)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        kind, here = event.type(), event.position().toPoint()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = here if self._can_begin() else None
        elif kind == QEvent.Type.MouseButtonRelease:
            self._pressed_at = None
        elif kind == QEvent.Type.MouseMove and self._pressed_at is not None:
            if (here - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
                self._pressed_at = None
                self._begin()
            return True
        return super().eventFilter(watched, event)


class DragHandle(SignButton):
    """A button that is dragged: it emits `wanted`, and `offer` goes on with the files.

    What is dragged may still have to be made then, so `approached` is emitted once the pointer has
    rested on it. If the button was let go meanwhile, `missed` says that the files are there. A
    click, or Enter, is for those who cannot drag: it emits `opened`; or `asked`, while there is
    nothing to drag before somebody asks for it.
    """

    approached = Signal()
    wanted = Signal()
    missed = Signal(str)
    opened = Signal()
    asked = Signal()

    def __init__(self, text: str, tip: str, sign: str = "") -> None:
        super().__init__(text, "grip", tip, look="out", small=True)
        self.second_sign = sign
        self.ready = True
        self.clicked.connect(self._pressed)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._resting.timeout.connect(self._approach)
        DragSource(self, self.begin)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._resting.start()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._resting.stop()

    def _approach(self) -> None:
        if self.isEnabled() and self.ready:
            self.approached.emit()

    def show_ready(self, *, ready: bool) -> None:
        """Show whether there is something to drag; if not, a click asks for it."""
        if ready != self.ready:
            self.ready = ready
            roles = QPalette.ColorRole
            self.sign_role = roles.ButtonText if ready else roles.PlaceholderText
            self.setProperty("ready", ready)
            self.setCursor(_GRIP if ready else Qt.CursorShape.ArrowCursor)
            repolish(self)

    def _pressed(self) -> None:
        (self.opened if self.ready else self.asked).emit()

    def begin(self) -> None:
        """Ask for the files to drag, if there can be any."""
        self.setDown(False)
        if self.isEnabled() and self.ready:
            self.wanted.emit()

    def offer(self, files: Sequence[Path], out: Callable[[Path], Path] = lambda file: file) -> None:
        """Drag files that were wanted; `out` is that of `drag_files`."""
        if not files:
            return
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            drag_files(self, files, out)
        else:
            self.missed.emit(_AGAIN.format(name=self.text()))
