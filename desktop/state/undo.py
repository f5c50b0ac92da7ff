"""What can be brought back: the last things that were lost, newest first."""

from collections.abc import Callable

MOST_KEPT = 100


class UndoStack:
    """Holds how to bring back what was lost."""

    def __init__(self) -> None:
        self._lost: list[Callable[[], None]] = []

    def remember(self, bring_back: Callable[[], None]) -> None:
        """Hold how to bring back what has just been lost."""
        self._lost = [*self._lost, bring_back][-MOST_KEPT:]

    def undo(self) -> None:
        """Bring back what was lost last, if anything was."""
        if self._lost:
            self._lost.pop()()
