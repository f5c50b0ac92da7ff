"""One thread with a queue of tasks: how every front end does its work in the background."""

import itertools
import logging
import sys
import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

CLOSE_S = 3.0
_log = logging.getLogger(__name__)


class TaskStopped(Exception):
    """Ends a task early, and is not reported."""


class _Task(NamedTuple):
    call: Callable[[], object]
    due_s: float
    number: int
    on_dropped: Callable[[], None]


class TaskThread:
    """Runs tasks one at a time on its own thread, which starts with the first task.

    A task runs when it is due, in the order of `run`; or the newest first. Any thread may call the
    methods, and so may a task. A task that repeats calls `run` again at its end. An exception that
    a task does not handle is reported like one that ends a thread, but the thread continues.
    """

    def __init__(
        self, name: str, *, newest_first: bool = False, most_waiting: int | None = None
    ) -> None:
        """Prepare.

        Args:
            name: name of the thread.
            newest_first: of the tasks that are due, run the newest first.
            most_waiting: how many tasks may wait; then the last in line is dropped.
        """
        self._newest_first = newest_first
        self._most_waiting = most_waiting
        self._waiting: dict[Hashable, _Task] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closing = False
        self._finishing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @property
    def closing(self) -> bool:
        """Whether `close` was called; a long task should check this, and end early."""
        return self._closing

    def check(self) -> None:
        """End the task that calls this if `close` was called.

        Raises:
            TaskStopped: it was.
        """
        if self._closing:
            raise TaskStopped

    def run(
        self,
        task: Callable[[], object],
        *,
        key: Hashable = None,
        after_s: float = 0.0,
        on_dropped: Callable[[], None] = lambda: None,
    ) -> bool:
        """Queue a task and return at once: True, or False if it was dropped.

        Args:
            task: called on the thread.
            key: the task replaces a waiting one with the same key, and is due when that was, or
                earlier; None replaces none.
            after_s: seconds until the task is due.
            on_dropped: called if the task will never run, since it was replaced, too many were
                waiting, or the thread was closed.
        """
        new = _Task(task, time.monotonic() + after_s, next(self._numbers), on_dropped)
        with self._changed:
            dropped = [new] if self._closing else self._put(object() if key is None else key, new)
            if not self._closing and self._thread.ident is None:
                self._thread.start()
            self._changed.notify()
        for each in dropped:
            each.on_dropped()
        return all(each.number != new.number for each in dropped)

    def close(self, *, finish: bool = False, limit_s: float = CLOSE_S) -> bool:
        """End the thread after the running task; return whether it ended within a limit.

        Waiting tasks are dropped, or with `finish` run first, whether they are due or not. A task
        that hangs, on a dead disk or device, does not keep the program from ending.
        """
        with self._changed:
            self._closing, self._finishing = True, finish
            dropped = [] if finish else list(self._waiting.values())
            if not finish:
                self._waiting.clear()
            self._changed.notify()
        for each in dropped:
            each.on_dropped()
        if self._thread.is_alive():
            self._thread.join(limit_s)
        if self._thread.is_alive():
            _log.warning("thread %s did not end within %g s", self._thread.name, limit_s)
        return not self._thread.is_alive()

    def _put(self, key: Hashable, new: _Task) -> list[_Task]:
        """Add a task; return those that it displaced, which may be the new one."""
        displaced = []
        if (old := self._waiting.get(key)) is not None:
            displaced.append(old)
            new = new._replace(due_s=min(old.due_s, new.due_s))
        self._waiting[key] = new
        if self._most_waiting is not None and len(self._waiting) > self._most_waiting:
            last = max(self._waiting, key=lambda each: self._place(self._waiting[each]))
            displaced.append(self._waiting.pop(last))
        return displaced

    def _place(self, task: _Task) -> tuple[float, float]:
        return (0.0, -task.number) if self._newest_first else (task.due_s, task.number)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            try:
                task.call()
            except TaskStopped:
                continue
            except Exception:  # noqa: BLE001 - one bug must not end the thread
                failure = threading.ExceptHookArgs((*sys.exc_info(), self._thread))
                threading.excepthook(failure)

    def _next(self) -> _Task | None:
        """Wait for the next task and take it; None if there will be none."""
        with self._changed:
            while not self._closing or self._waiting:
                now_s = time.monotonic()
                due = [
                    key
                    for key, task in self._waiting.items()
                    if task.due_s <= now_s or self._finishing
                ]
                if due:
                    first = min(due, key=lambda key: self._place(self._waiting[key]))
                    return self._waiting.pop(first)
                next_s = min((task.due_s for task in self._waiting.values()), default=None)
                self._changed.wait(None if next_s is None else next_s - now_s)
            return None
