"""Has the C library return memory to the system, as far as glibc can be told to.

glibc keeps blocks that were freed, for later. Here it would keep more than a job needs: models
decode in large blocks, and the stages of a job run on several threads, each with blocks of its own.
"""

import contextlib
import ctypes
import functools
import sys

LARGE_BLOCK_BYTES = 8 * 2**20
_M_MMAP_THRESHOLD = -3  # <malloc.h>


def return_large_blocks() -> None:
    """Return large blocks as soon as they are free.

    glibc keeps blocks of up to 32 MB once it has seen some, which doubles what decoding needs. It
    costs `sketch` a sixth of its speed, so this is called when a model with weights is loaded.
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
