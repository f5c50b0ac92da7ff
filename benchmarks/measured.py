"""What the children of the benchmarks measure of models: time, and memory at its peak."""

import contextlib
import ctypes
import gc
import json
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.server.free_memory import return_large_blocks
from engine.server.priority import lower_priority

Runs = dict[str, Callable[[int], object]]
"""What can be measured, each given the number of the run."""


def begin(*, as_engine: bool) -> None:
    """Silence what the libraries say, and set up this process as an engine if it is ours."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    if as_engine:
        return_large_blocks()
        lower_priority()


class FirstSecondHeardError(Exception):
    """The first second of sound is there, which ends the run."""


def until_heard(run: Callable[[], object]) -> None:
    """Run something until it raises `FirstSecondHeardError`."""
    with contextlib.suppress(FirstSecondHeardError):
        run()


def print_figures(what: str, runs: Runs) -> None:
    """Print one thing that is measured; `memory` is that of the whole process, loading too."""
    print(json.dumps(from_the_start(runs["whole"]) if what == "memory" else timed(runs[what])))


def timed(run: Callable[[int], object]) -> dict[str, float]:
    """Run something warm, and return its figures; `run` is given the number of the run."""
    run(1)
    held = reset_peak()
    begun, begun_cpu = time.perf_counter(), time.process_time()
    run(2)
    return {
        "seconds": time.perf_counter() - begun,
        # Of all threads together: more reliable than the clock on a busy machine.
        "processor_seconds": time.process_time() - begun_cpu,
        # On top of the weights.
        "peak_bytes": peak_bytes() - held,
    }


def from_the_start(run: Callable[[int], object]) -> dict[str, float]:
    """Run something once, and return the peak of memory since the process began, in MB."""
    run(1)
    return {"megabytes": peak_bytes() / 1e6}


def reset_peak() -> int:
    """Reset the peak of memory use if possible (on Linux); return the memory in use."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # Memory left by the warm-up would hide the use of a run.
        Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """Return the peak of memory use since `reset_peak`, or the current use if unknown."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)
