"""The undo stack of the window."""

from collections.abc import Callable
from typing import NamedTuple

MOST_KEPT = 100


class _Step(NamedTuple):
    undo: Callable[[], object]
    redo: Callable[[], object]


class UndoStack:
    """Holds how to undo the last actions, and how to do again what was undone."""

    def __init__(self) -> None:
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    def remember(self, undo: Callable[[], object], redo: Callable[[], object]) -> None:
        """Add how to undo the last action, and how to do it again; what was undone is forgotten."""
        self._done = [*self._done, _Step(undo, redo)][-MOST_KEPT:]
        self._undone = []

    def undo(self) -> None:
        """Undo the last action, if there is one."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            step.undo()

    def redo(self) -> None:
        """Do again what was undone last, if there is something."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            step.redo()
