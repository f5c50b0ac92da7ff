"""The pads' keys: from the computer's keyboard to a place, wherever no text is typed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from desktop.models.pads import LETTERS

_PLACES = {Qt.Key(ord(letter)): place for place, letter in enumerate(LETTERS)}
_LOST = {QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate}


class PadKeys(QObject):
    """Watches the keys of a window; a pad that has nothing on it leaves its key to others."""

    struck = Signal(int)
    released = Signal(int)

    def __init__(self, window: QWidget, grid: QWidget, is_filled: Callable[[int], bool]) -> None:
        """Watch; `is_filled` tells whether the pad at a place plays anything."""
        super().__init__(window)
        self.everywhere = True
        """Whether keys play while no pad has the focus, too."""
        self._window = window
        self._grid = grid
        self._is_filled = is_filled
        self._down: set[int] = set()
        app = QApplication.instance()
        assert app is not None  # noqa: S101 - there are widgets
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of pads, before they become shortcuts or reach a list."""
        kind = event.type()
        if kind in _LOST and self._down:
            self._let_go()
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        place = _PLACES.get(Qt.Key(event.key()))
        if place is None:
            return False
        if kind == QEvent.Type.KeyRelease and place in self._down:
            return self._release(place, event)
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if event.modifiers() not in _PLAIN or not self._plays(watched, place):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # it comes again, as a key that was pressed
        elif not event.isAutoRepeat() and place not in self._down:
            self._down.add(place)
            self.struck.emit(place)
        return True

    def _plays(self, watched: QWidget, place: int) -> bool:
        window = self._window
        if watched.window() is not window or QApplication.activePopupWidget() is not None:
            return False
        focus = window.focusWidget()
        on_pads = focus is not None and self._grid.isAncestorOf(focus)
        typed = isinstance(focus, _TEXT) and not on_pads
        return self._is_filled(place) and not typed and (on_pads or self.everywhere)

    def _release(self, place: int, event: QKeyEvent) -> bool:
        if not event.isAutoRepeat():
            self._down.discard(place)
            self.released.emit(place)
        return True

    def _let_go(self) -> None:
        """Release all keys: their end would go to another window."""
        down, self._down = self._down, set()
        for place in down:
            self.released.emit(place)


_TEXT = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
