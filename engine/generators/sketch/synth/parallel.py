"""Two things at a time: numpy lets other threads of Python run while it computes.

The results are the same as one after the other, to the bit. Work that runs here must not ask for
more of it, since it would wait for itself.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_AT_ONCE = 2
"""More would take cores that a DAW needs."""


def in_order(work: Callable[[_Given], _Made], given: Iterable[_Given]) -> Iterator[_Made]:
    """Yield what work makes of each, in their order."""
    return _threads().map(work, given)


def by_channel(
    work: Callable[[NDArray[np.float32]], NDArray[np.float32]], sound: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what work makes of each channel, (n,), as the channels of one array."""
    return np.stack(list(in_order(work, sound)))


@functools.cache
def _threads() -> Executor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sketch")
