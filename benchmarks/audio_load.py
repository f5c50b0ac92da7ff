"""A program that is busy as a DAW is: a block of work in each period, finished before the next.

`python -m benchmarks.audio_load` works for 70 % of every 5 ms, at normal priority, until its stdin
closes; then it prints how many periods there were, and in how many it was late. It prints a line
when it begins, since it first finds out how much work that is.
"""

import contextlib
import dataclasses
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

PERIOD_S, SHARE = 0.005, 0.7


@dataclasses.dataclass
class AudioLoad:
    """What a load has reached; filled in when it ends.

    Attributes:
        periods: how many there were.
        late: in how many of them the work was finished too late.
    """

    periods: int = 0
    late: int = 0


@contextlib.contextmanager
def audio_load() -> Iterator[AudioLoad]:
    """Keep one core busy in a process of its own, which works by the time this returns."""
    load = AudioLoad()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "benchmarks.audio_load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            if process.stdout is not None:
                process.stdout.readline()
            yield load
        finally:
            printed, _ = process.communicate()
            found = json.loads(printed)
            load.periods, load.late = found["periods"], found["late"]


def main() -> None:
    """Work until stdin closes, and print the figures."""
    closed = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        closed.set()

    threading.Thread(target=wait, daemon=True).start()
    turns = _turns_in(SHARE * PERIOD_S)
    print("ready", flush=True)
    periods = late = 0
    due = time.perf_counter() + PERIOD_S
    while not closed.is_set():
        _work(turns)
        finished = time.perf_counter()
        periods += 1
        late += finished > due
        due = max(due, finished - PERIOD_S) + PERIOD_S
        time.sleep(max(0.0, due - PERIOD_S - time.perf_counter()))
    print(json.dumps({"periods": periods, "late": late}))


def _turns_in(seconds: float) -> int:
    """Return how much work fits into a time, on a core that is otherwise idle."""
    turns = 20_000
    fastest = min(_timed(turns) for _ in range(50))
    return max(1, round(turns * seconds / fastest))


def _timed(turns: int) -> float:
    begun = time.perf_counter()
    _work(turns)
    return time.perf_counter() - begun


def _work(turns: int) -> None:
    for _ in range(turns):
        pass


if __name__ == "__main__":
    main()
