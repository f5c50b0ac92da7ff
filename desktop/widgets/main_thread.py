"""From threads to the window: what they tell arrives on the window's own thread, in order.

Qt hands a signal over to the thread that the receiving object lives in; this is the only module
that relies on it.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class MainThread(QObject):
    """Calls functions on the window's thread; make it there, and call `wrap` from anywhere."""

    _wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._wanted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def wrap(self, call: Callable[..., None]) -> Callable[..., None]:
        """Return a function that makes `call` with its arguments, later, on this thread."""

        def cross(*arguments: Any) -> None:
            if self._open:
                self._wanted.emit(lambda: call(*arguments))

        return cross

    def close(self) -> None:
        """Call nothing any more."""
        self._open = False

    @Slot(object)
    def _call(self, call: Callable[[], None]) -> None:
        if self._open:
            call()
