"""The engine process by itself: how soon it is ready, and how much memory it uses when idle."""

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import WaitingChild, python, run_s, waiting_child
from benchmarks.runner import Case, Side
from engine.entry_points import engine_command

_HEARTBEATS_UNTIL_IDLE = 2
_NUMPY = "import numpy, sys; print('ready', flush=True); sys.stdin.read()"


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    for statement in ("pass", "import numpy"):
        yield Case(
            "engine",
            "process start to ready",
            "s",
            more_is_better=False,
            ours=Side("engine", _ready_s),
            peer=Side(
                f"python -c '{statement}'", functools.partial(run_s, python("-c", statement))
            ),
        )
    yield Case(
        "engine",
        "memory when idle",
        "MB",
        more_is_better=False,
        ours=Side("engine", _idle_mb),
        peer=Side("python -c 'import numpy'", _numpy_mb),
        note="Resident memory, after two heartbeats.",
    )


def _ready_s() -> float:
    with tempfile.TemporaryDirectory() as folder, _engine(folder) as child:
        return child.line_after_s()


def _idle_mb() -> float:
    with tempfile.TemporaryDirectory() as folder, _engine(folder) as child:
        for _ in range(1 + _HEARTBEATS_UNTIL_IDLE):
            child.line_after_s()
        return child.memory_mb()


def _numpy_mb() -> float:
    with waiting_child(python("-c", _NUMPY)) as child:
        child.line_after_s()
        return child.memory_mb()


def _engine(folder: str) -> contextlib.AbstractContextManager[WaitingChild]:
    return waiting_child(engine_command(), Path(folder))
