"""Plays pads with the computer keyboard, except where text is typed.

The event filter is installed on the focused widget and the window only: a filter on the whole
application would be called for every event.
"""

import contextlib

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
    """Watches the keys of a window; while they play, they do nothing else, on empty pads either."""

    struck = Signal(int)
    released = Signal(int)

    def __init__(self, window: QWidget, grid: QWidget) -> None:
        """Start watching."""
        super().__init__(window)
        self.everywhere = True
        """Whether the keys also play while no pad has the focus."""
        self._window = window
        self._grid = grid
        self._down: set[int] = set()
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101 - there are widgets
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle pad keys before they trigger shortcuts or reach a list."""
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
        if event.modifiers() not in _PLAIN or not self._play_from(watched):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # Qt sends it again as a key press
        elif not event.isAutoRepeat() and place not in self._down:
            self._down.add(place)
            self.struck.emit(place)
        return True

    def _follow(self, old: QWidget | None, now: QWidget | None) -> None:
        """Watch the widget that has received the focus."""
        if old is not None and old is not self._window:
            with contextlib.suppress(RuntimeError):  # it is being destroyed
                old.removeEventFilter(self)
        if now is not None and now.window() is self._window:
            now.installEventFilter(self)
        else:
            self._release_all()

    def _play_from(self, watched: QWidget) -> bool:
        if watched.window() is not self._window or QApplication.activePopupWidget() is not None:
            return False
        focus = self._window.focusWidget()
        on_pads = focus is not None and self._grid.isAncestorOf(focus)
        typed = isinstance(focus, _TEXT) and not on_pads
        return not typed and (on_pads or self.everywhere)

    def _release(self, place: int, event: QKeyEvent) -> bool:
        if not event.isAutoRepeat():
            self._down.discard(place)
            self.released.emit(place)
        return True

    def _release_all(self) -> None:
        """Release all keys: another window would receive their key releases."""
        down, self._down = self._down, set()
        for place in down:
            self.released.emit(place)
