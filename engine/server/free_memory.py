"""Tells the C library what to do with memory that was freed, as far as glibc can be told.

By itself it returns some of it at once, which costs time, and keeps the rest for ever, for each
thread apart. Here a job keeps what it frees, whichever of its threads does, and then returns it.
"""

import contextlib
import ctypes
import functools
import sys

LARGE_BLOCK_BYTES = 8 * 2**20
_LARGEST_KEPT_BYTES, _MOST_KEPT_BYTES = 32 * 2**20, 64 * 2**20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # <malloc.h>


def keep_freed_blocks() -> None:
    """Keep what is freed for the next blocks of any thread, until `return_free_memory`.

    A loop by `sketch` consists of many arrays that are soon freed: where each gets new memory,
    which the system has to clear, this takes a sixth of the time. To be called before other
    threads begin, since each keeps the pool of memory that it has.
    """
    _call("mallopt", _M_ARENA_MAX, 1)
    _call("mallopt", _M_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
    _call("mallopt", _M_TRIM_THRESHOLD, _MOST_KEPT_BYTES)


def return_large_blocks() -> None:
    """Return large blocks as soon as they are free, from now on.

    Keeping them doubles what decoding needs, so this is called when a model with weights is loaded.
    """
    _call("mallopt", _M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def return_free_memory() -> None:
    """Return all that is free now, of every thread; takes about a millisecond."""
    _call("malloc_trim", 0)


def _call(function: str, *arguments: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # musl has neither
            getattr(_c_library(), function)(*arguments)


@functools.cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
