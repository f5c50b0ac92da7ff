"""What the engine leaves to others, seen in a process of its own."""

import os
import subprocess
import sys

CODE = """
import os
from engine.server.priority import leave_room
leave_room()
print(os.nice(0), os.environ["GOMP_SPINCOUNT"], os.environ["OPENBLAS_NUM_THREADS"])
"""


def settings(**variables):
    names = ("GOMP_SPINCOUNT", "OPENBLAS_NUM_THREADS")
    plain = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=plain | variables,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.split()


def test_priority_is_lowered_and_threads_soon_sleep_while_they_wait():
    nice, *threads = settings()
    assert int(nice) > os.nice(0)
    assert threads == ["3000", "1"]


def test_what_somebody_has_set_stays():
    assert settings(GOMP_SPINCOUNT="9", OPENBLAS_NUM_THREADS="2")[1:] == ["9", "2"]
