"""Background work: tasks that may block on a disk or a network, run one at a time."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from desktop.widgets.main_thread import MainThread

_Result = TypeVar("_Result")


class Unexpected(Exception):
    """The default for `expected` of `Background.run`; nothing raises it."""


class Background:
    """Runs tasks on its own thread and delivers their results on the window's thread.

    The thread starts with the first task.
    """

    def __init__(self, name: str, main_thread: MainThread) -> None:
        self._deliver = main_thread.wrap(_call)
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def run(
        self,
        task: Callable[[], _Result],
        then: Callable[[_Result], None] | None = None,
        *,
        expected: type[Exception] = Unexpected,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Queue a task and return at once.

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

        if self._closing:
            return
        if self._thread.ident is None:
            self._thread.start()
        self._tasks.put(work)

    def close(self) -> None:
        """Drop the queued tasks, and return when the running task has ended."""
        self._closing = True
        if self._thread.is_alive():
            self._tasks.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self._closing:
            task()


def _call(function: Callable[..., None], *arguments: object) -> None:
    function(*arguments)


def _raise(error: Exception) -> None:
    raise error
