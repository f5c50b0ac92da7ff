"""Background work whose results arrive on the window's thread."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from desktop.widgets.main_thread import MainThread
from engine.task_thread import CLOSE_S, TaskThread

_Result = TypeVar("_Result")


class Unexpected(Exception):
    """The default for `expected` of `Background.run`; nothing raises it."""


class Background:
    """A `TaskThread` that delivers the results of its tasks on the window's thread."""

    def __init__(self, name: str, main_thread: MainThread) -> None:
        self._thread = TaskThread(name)
        self._deliver = main_thread.wrap(_call)

    def run(
        self,
        task: Callable[[], _Result],
        then: Callable[[_Result], None] | None = None,
        *,
        expected: type[Exception] = Unexpected,
        on_error: Callable[[Exception], None] | None = None,
        key: Hashable = None,
        after_s: float = 0.0,
        on_dropped: Callable[[], None] = lambda: None,
    ) -> None:
        """Queue a task that may block on a disk or a network, and return at once.

        Args:
            task: called on the background thread.
            then: called on the window's thread with the result of `task`.
            expected: errors that `on_error` handles; any other is raised on the window's thread.
            on_error: called on the window's thread with an expected error.
            key: the task replaces a waiting one with the same key; see `TaskThread.run`.
            after_s: seconds until the task is due.
            on_dropped: called if the task will never run.
        """

        def work() -> None:
            try:
                result = task()
            except Exception as error:  # noqa: BLE001 - it is raised again on the window's thread
                handle = on_error if isinstance(error, expected) else None
                self._deliver(handle or _raise, error)
            else:
                if then is not None:
                    self._deliver(then, result)

        self._thread.run(work, key=key, after_s=after_s, on_dropped=on_dropped)

    def close(self, *, finish: bool = False, limit_s: float = CLOSE_S) -> bool:
        """End the thread; see `TaskThread.close`."""
        return self._thread.close(finish=finish, limit_s=limit_s)


def _call(function: Callable[..., None], *arguments: object) -> None:
    function(*arguments)


def _raise(error: Exception) -> None:
    raise error
