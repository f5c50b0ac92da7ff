"""Works in the project off the window's thread, in order, and reports slow writes.

The disk may be slow, and another program may hold the project's lock for as long as it likes.
"""

import logging
from collections.abc import Callable, Hashable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from engine.loops.errors import LoopError

FINISH_S = 3.0
_LATE_MS = 1_000
_STILL_WRITING = (
    "Changes to the project are not saved yet: its disk is slow, or another program is writing to "
    "it."
)
_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


class ProjectWriter(QObject):
    """Carries out all writes in one project; create and use it on the window's thread."""

    late = Signal()
    """A write has taken about a second, and continues."""
    idle = Signal()
    """Everything was written, or has failed."""

    def __init__(self, main_thread: MainThread) -> None:
        super().__init__(main_thread)
        self._background = Background("project-writer", main_thread)
        self._unfinished = 0
        self._problem = ""
        self._closing = False
        self._given_up = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.late)

    def write(
        self,
        task: Callable[[], None],
        then: Callable[[], None],
        on_error: Callable[[Exception], None],
        *,
        key: Hashable = None,
        after_s: float = 0.0,
    ) -> None:
        """Queue a write and return at once; after `give_up`, do nothing.

        Args:
            task: writes, on the writer's thread.
            then: called on the window's thread when it is written.
            on_error: called on the window's thread when it has failed.
            key: it replaces a waiting write with the same key, whose callbacks are never called.
            after_s: seconds until it is due.
        """

        def fail(error: Exception) -> None:
            self._problem = str(error)
            self._end_one()
            on_error(error)
            if not isinstance(error, LoopError):
                raise error

        def end(_result: None) -> None:
            self._end_one()
            then()

        if self._given_up:
            return
        self._unfinished += 1
        if not self._timer.isActive():
            self._timer.start(_LATE_MS + int(after_s * 1_000))
        self._background.run(
            lambda: self._carry_out(task), end, expected=Exception, on_error=fail,
            key=key, after_s=after_s, on_dropped=self._end_one,
        )  # fmt: skip

    def read(self, task: Callable[[], _Result], then: Callable[[_Result], None]) -> None:
        """Read after the writes that are due, and call `then` with the result; return at once."""
        self._background.run(task, then)

    def finish(self) -> str:
        """Wait a little for what is being written; the window is painted, but takes no input.

        Returns:
            What could not be written, as a sentence; empty if all was.
        """
        self._problem = ""
        if self._unfinished:
            loop = QEventLoop()
            self.idle.connect(loop.quit)
            QTimer.singleShot(int(FINISH_S * 1_000), loop, loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        return _STILL_WRITING if self._unfinished else self._problem

    def give_up(self) -> None:
        """Write nothing any more: what is unsaved was saved elsewhere, or discarded."""
        self._given_up = True

    def close(self) -> None:
        """Write what waits, within a limit, and end the thread; the log says what was lost."""
        self._closing = True
        self._timer.stop()
        self._background.close(finish=not self._given_up, limit_s=FINISH_S)

    def _carry_out(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:
            if self._closing and not self._given_up:  # nobody else will say so
                _log.warning("changes to the project were lost: %s", type(error).__name__)
            raise

    def _end_one(self) -> None:
        self._unfinished -= 1
        self._timer.stop()
        if self._unfinished:
            self._timer.start(_LATE_MS)
        else:
            self.idle.emit()
