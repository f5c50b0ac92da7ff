"""What the engine leaves to others, seen in a process of its own."""

import os
import subprocess
import sys

CODE = """
import os, sys
from engine.server.priority import leave_room
leave_room()
print(os.nice(0), *(os.environ[name] for name in sys.argv[1:]))
"""
NAMES = ("GOMP_SPINCOUNT", "OPENBLAS_NUM_THREADS", "THP_MEM_ALLOC_ENABLE")


def settings(**variables):
    plain = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", CODE, *NAMES],
        env=plain | variables,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.split()


def test_priority_is_lowered_threads_soon_sleep_while_they_wait_and_pages_are_large():
    nice, *others = settings()
    assert int(nice) > os.nice(0)
    assert others == ["3000", "1", "1"]


def test_what_somebody_has_set_stays():
    theirs = {"GOMP_SPINCOUNT": "9", "OPENBLAS_NUM_THREADS": "2", "THP_MEM_ALLOC_ENABLE": "0"}
    assert settings(**theirs)[1:] == ["9", "2", "0"]
