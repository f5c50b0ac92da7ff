"""Independent parts of a computation side by side, each with its share of torch's threads.

torch divides each operation among its threads, and after each all wait for the last: thousands of
times in a step of a UNet, and for long if another program keeps a core. What one thread computed,
another one reads next, out of a cache that is not its own. Parts that need nothing of each other
wait once, at their end.
"""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def can_share(parts: int) -> bool:
    """Return whether the threads of this thread's operations can be divided among so many parts."""
    is_possible = torch.backends.openmp.is_available()  # type: ignore[no-untyped-call]
    return is_possible and torch.get_num_threads() % parts == 0


def side_by_side(compute: Callable[[_Part], _Result], parts: Sequence[_Part]) -> list[_Result]:
    """Compute each part on a thread of its own, and return the results in order.

    A part has the same thread at each call. `can_share` must be true of the number of parts.

    Raises:
        Exception: the first error of any part, when all have ended.
    """
    threads = torch.get_num_threads()
    inference = torch.is_inference_mode_enabled()

    def computed(part: _Part) -> _Result:
        torch.set_num_threads(threads // len(parts))
        try:
            with torch.inference_mode(inference):
                return compute(part)
        finally:
            # The number is this thread's alone, but also that of each thread which begins later.
            torch.set_num_threads(threads)

    running = [_thread(number).submit(computed, part) for number, part in enumerate(parts)]
    wait(running)
    return [each.result() for each in running]


@functools.cache
def _thread(number: int) -> ThreadPoolExecutor:
    # When it is first asked for, torch sets a thread's number to the last one set anywhere.
    name = f"side-by-side-{number}"
    return ThreadPoolExecutor(1, name, initializer=torch.get_num_threads)
