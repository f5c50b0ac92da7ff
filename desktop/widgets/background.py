"""Background work whose results arrive on the window's thread."""

from collections.abc import Callable
from typing import TypeVar

from desktop.widgets.main_thread import MainThread
from engine.task_thread import TaskThread

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
    ) -> None:
        """Queue a task that may block on a disk or a network, and return at once.

        Args:
            task: called on the background thread.
            then: called on the window's thread with the result of `task`.
            expected: errors that `on_error` handles; any other is raised on the window's thread.
            on_error: called on the window's thread with an expected error.
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

        self._thread.run(work)

    def close(self) -> None:
        """Drop the queued tasks, and return when the running task has ended, or hangs."""
        self._thread.close()


def _call(function: Callable[..., None], *arguments: object) -> None:
    function(*arguments)


def _raise(error: Exception) -> None:
    raise error
