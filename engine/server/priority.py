"""What leaves the processor to the DAW and the window, however long a model computes."""

import os
import sys

_LOWER_PRIORITY = 10
ENGINE_SETTINGS = {
    # The products of matrices in a loop are small. Shared among threads they take longer, and very
    # long on a busy machine. numpy reads this when it is imported; torch has its own threads.
    "OPENBLAS_NUM_THREADS": "1",
    # torch's threads on Linux spin this often while they wait for each other, some 10 us, and then
    # sleep. With its own value they hold a core that the late one needs: beside other programs a
    # model took several times as long. At 0 they sleep at once, which costs a fifth when idle.
    "GOMP_SPINCOUNT": "3000",
    # torch asks Linux for its large blocks in pages of 2 MB. Those that a model decodes in are
    # returned to the system and asked for again, which took a sixth of the time in pages of 4 KB.
    "THP_MEM_ALLOC_ENABLE": "1",
}


def leave_room() -> None:
    """Lower the priority of this process and set up numpy and torch, before they are imported."""
    lower_priority()
    for name, value in ENGINE_SETTINGS.items():
        os.environ.setdefault(name, value)


def lower_priority() -> None:
    """Let the DAW and the window run first."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_LOWER_PRIORITY)
