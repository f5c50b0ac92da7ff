"""The pads' keys: from the computer's keyboard to a place, wherever no text is typed.

Only the widget that has the focus is watched, and the window for where none has: a filter of the
whole application would be called for each event that there is.
"""

import contextlib
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

from desktop.pads.banks import LETTERS

_PLACES = {Qt.Key(ord(letter)): place for place, letter in enumerate(LETTERS)}
_TEXT = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


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
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101 - there are widgets
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of pads, before they become shortcuts or reach a list."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        place = _PLACES.get(Qt.Key(event.key()))
        if place is None:
            return False
        kind = event.type()
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

    def _follow(self, old: QWidget | None, now: QWidget | None) -> None:
        """Watch the widget that has the focus now."""
        if old is not None and old is not self._window:
            with contextlib.suppress(RuntimeError):  # it is being destroyed
                old.removeEventFilter(self)
        if now is not None and now.window() is self._window:
            now.installEventFilter(self)
        else:
            self._let_go()

    def _plays(self, watched: QWidget, place: int) -> bool:
        if watched.window() is not self._window or QApplication.activePopupWidget() is not None:
            return False
        focus = self._window.focusWidget()
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
