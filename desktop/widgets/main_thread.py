"""Delivers calls from other threads to the window's thread, in order.

Qt runs a queued slot on the thread that the receiving object lives in; only this module relies on
that.
"""

import gc
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

_SWITCH_S = 0.001


def favour_main_thread() -> None:
    """Keep the rest of the process from holding the window up; call it before it is built.

    Another thread that computes in Python hands over after a millisecond and not five, and what
    was imported is left out of garbage collections, most of whose time it would take.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()


class MainThread(QObject):
    """Calls functions on the window's thread; create it there, and call `wrap` from anywhere."""

    _wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._wanted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def wrap(self, call: Callable[..., None]) -> Callable[..., None]:
        """Return a function that schedules `call` with its arguments on this thread."""

        def cross(*arguments: Any) -> None:
            if self._open:
                self._wanted.emit(lambda: call(*arguments))

        return cross

    def close(self) -> None:
        """Drop all pending and future calls."""
        self._open = False

    @Slot(object)
    def _call(self, call: Callable[[], None]) -> None:
        if self._open:
            call()
