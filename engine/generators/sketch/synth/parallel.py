"""Two things at a time: numpy lets other threads of Python run while it computes.

One thread helps, since more would take cores that a DAW needs; it does what was asked for last,
which is needed first. Who asks does meanwhile what the helper has not begun. So work may ask for
more of it, and nobody waits for work that nobody does. The results are the same as one after the
other, to the bit.

This is for work on large arrays. Two threads with many small ones, such as notes, wait for Python's
lock: they took as long as one, and twice the processor time.
"""

import functools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


class Begun(Generic[_Made]):
    """Work that the helper does as soon as it can, unless somebody here needs it sooner."""

    def __init__(self, work: Callable[[], _Made]) -> None:
        """Ask the helper for it."""
        self._work: Callable[[], _Made] | None = work
        self._claim = threading.Lock()
        self._made: Future[_Made] = Future()
        _waiting().put(self)

    @property
    def is_done(self) -> bool:
        """Whether its result is there."""
        return self._made.done()

    def do(self) -> None:
        """Do it now, unless it has been begun or dropped."""
        if self._claim.acquire(blocking=False) and self._work is not None:
            try:
                self._made.set_result(self._work())
            except BaseException as error:  # noqa: BLE001 - raised again by `result`
                self._made.set_exception(error)
            self._work = None  # what it refers to may refer to this

    def result(self) -> _Made:
        """Return what the work made, or raise what it raised; do it here if nobody has begun."""
        self.do()
        return self._made.result()

    def drop(self) -> None:
        """Let nobody begin it."""
        if self._claim.acquire(blocking=False):
            self._work = None


def in_order(work: Callable[[_Given], _Made], given: Iterable[_Given]) -> Iterator[_Made]:
    """Yield what work makes of each, in their order."""
    begun = [Begun(functools.partial(work, each)) for each in given]
    later = iter(begun)
    try:
        for each in begun:
            while not each.is_done and (other := next(later, None)):
                other.do()
            yield each.result()
    finally:
        for each in begun:
            each.drop()


def by_channel(
    work: Callable[[NDArray[np.float32]], NDArray[np.float32]], sound: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what work makes of each channel, (n,), as the channels of one array."""
    return np.stack(list(in_order(work, sound)))


@functools.cache
def _waiting() -> "queue.LifoQueue[Begun[Any]]":
    waiting: queue.LifoQueue[Begun[Any]] = queue.LifoQueue()
    threading.Thread(target=_help, args=(waiting,), name="sketch", daemon=True).start()
    return waiting


def _help(waiting: "queue.LifoQueue[Begun[Any]]") -> None:
    while True:
        waiting.get().do()
