"""The undo stack of the window."""

from collections.abc import Callable

MOST_KEPT = 100


class UndoStack:
    """Holds functions that undo the last actions."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def remember(self, restore: Callable[[], None]) -> None:
        """Add a function that undoes the last action."""
        self._steps = [*self._steps, restore][-MOST_KEPT:]

    def undo(self) -> None:
        """Undo the last action, if there is one."""
        if self._steps:
            self._steps.pop()()
