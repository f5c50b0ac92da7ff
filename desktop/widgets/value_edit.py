"""An editor for one value: double-click to type, drag or scroll to change it in steps."""

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit

from desktop.theme.typeface import MEDIUM, STRONG, TIME_PX, text_font
from desktop.widgets.field import Field
from desktop.widgets.plain import plain_tip
from engine.loops.errors import LoopError

_PIXELS_PER_STEP = 6


class ValueEdit(QLineEdit):
    """Shows one value; emits `changed` with a new value, or `refused` with the error of a text.

    A small editor fills the field that contains it; a large one is for the transport.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, field: Field, value: Any, *, small: bool = False) -> None:
        super().__init__()
        if small:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.setFont(text_font(weight=MEDIUM))
        else:
            self.setObjectName("time")
            self.setFont(text_font(TIME_PX, STRONG))
        self.setReadOnly(True)
        self.setToolTip(plain_tip(field.hint))
        self.setAccessibleName(field.caption)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self._field = field
        self._value = value
        self._pressed_at: QPoint | None = None
        self._value_when_pressed: Any = value
        self._show()

    @property
    def value(self) -> Any:
        """The current value."""
        return self._value

    @property
    def hint(self) -> str:
        """What its tooltip says, if nothing else is set."""
        return self._field.hint

    def show_value(self, value: Any) -> None:
        """Show another value without emitting `changed`."""
        self._value = value
        self._show()

    def follow(self, source: str) -> None:
        """Disable the editor while `source` sets the value; "" enables it again."""
        if self.isEnabled() == bool(source):
            self.setEnabled(not source)
            what = self._field.caption.capitalize()
            tip = f"{what} from {source}: choose Own tempo to edit it here"
            self.setToolTip(plain_tip(tip if source else self._field.hint))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (keys.Key_Up, keys.Key_Down):
            step = 0.1 if fine else 1.0
            self._nudge(self._value, step if event.key() == keys.Key_Up else -step)
        elif event.key() in (keys.Key_Return, keys.Key_Enter):
            self._begin_typing() if self.isReadOnly() else self._take_text()
        elif event.key() == keys.Key_Escape and not self.isReadOnly():
            self._show()
        elif self.isReadOnly() and event.text() and event.text() in "0123456789":
            self._begin_typing()
            self.setText(event.text())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._begin_typing()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly():
            self._pressed_at = event.globalPosition().toPoint()
            self._value_when_pressed = self._value
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            super().mouseMoveEvent(event)
            return
        up = self._pressed_at.y() - event.globalPosition().toPoint().y()
        self._nudge(self._value_when_pressed, up // _PIXELS_PER_STEP)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self._nudge(self._value, 1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusOutEvent(self, event: Any) -> None:
        if not self.isReadOnly():
            self._take_text()
        super().focusOutEvent(event)

    def _begin_typing(self) -> None:
        self.setReadOnly(False)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocus()
        self.selectAll()

    def _take_text(self) -> None:
        text = self.text()
        try:
            value = self._field.read(text)
        except LoopError as error:
            self._show()
            self.refused.emit(str(error))
            return
        self._set(value)

    def _nudge(self, value: Any, steps: float) -> None:
        self._set(self._field.step(value, steps))

    def _set(self, value: Any) -> None:
        old, self._value = self._value, value
        self._show()
        if value != old:
            self.changed.emit(value)

    def _show(self) -> None:
        self.setReadOnly(True)
        self.deselect()
        self.setText(self._field.show(self._value))
        self.setCursorPosition(0)

    def level(self) -> tuple[float, float] | None:
        """Return where the line of the level begins, and how long it is, 0..1; None without one."""
        return self._field.level(self._value) if self._field.level is not None else None
