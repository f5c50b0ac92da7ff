"""Measures how long each stage of a job would keep a cancel waiting, and names what it waits for.

    python -m tools.cancel_waits sketch                 a loop of the built-in model
    python -m tools.cancel_waits FOLDER --bars 4        one of a checkpoint, loading included
    python -m tools.cancel_waits craft --mode retempo   one that craft makes of a sketch

A job ends at its next check. So the time between two checks is the longest that a cancel waits for
there; the longest are listed, with the code that was running, from outside to inside.
"""

import argparse
import dataclasses
import inspect
import os
import queue
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any, cast

import msgspec

from engine.loops.request import LoopRequest
from engine.models.catalogue import built_in_catalogue
from engine.models.store import ModelStore
from engine.protocol import Done, Event, Progress, Render, TakeReady, Terminal
from engine.server.free_memory import return_large_blocks
from engine.server.main import OFFLINE
from engine.server.queue import Job, JobQueue
from engine.server.worker import Worker

MADE = "made"
"""Stands for the path of the clip that the first job made."""
EVERY_S = 0.004
"""How often the running code is noted."""
_ROOT = Path(__file__).resolve().parents[1]
_SHOWN = 12


@dataclasses.dataclass
class Wait:
    """The time between two checks: when it began, where, and what ran in it."""

    begin_s: float
    end_s: float
    stage: str
    after: str
    before: str
    ran: str = ""

    @property
    def length_s(self) -> float:
        """How long a cancel waits there at most."""
        return self.end_s - self.begin_s


class WatchedJob(Job):
    """A job that notes when and where it was checked."""

    def __init__(self, command: Render) -> None:
        """Prepare the job of a command."""
        self.waits: list[Wait] = []
        self.stage = "beginning"
        self._last = time.perf_counter(), ""
        super().__init__(command)

    @property
    def cancel_requested(self) -> bool:
        """False; note where the check was called from."""
        now_s, place = time.perf_counter(), _place(inspect.currentframe())
        begin_s, after = self._last
        self.waits.append(Wait(begin_s, now_s, self.stage, after, place))
        self._last = time.perf_counter(), place
        return False

    @cancel_requested.setter
    def cancel_requested(self, _value: bool) -> None:
        """Ignore it: nobody cancels this job."""


class OneByOne:
    """What a worker needs of a queue: hands out jobs, and keeps how they ended."""

    def __init__(self) -> None:
        """Start without a job."""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.ends: queue.SimpleQueue[Terminal] = queue.SimpleQueue()

    def put(self, job: Job | None) -> None:
        """Hand out a job next; None ends the worker."""
        self._jobs.put(job)

    def next_work(self) -> Job | None:
        """Return the next job."""
        return self._jobs.get()

    def finish(self, job: Job, event: Terminal) -> None:
        """Note the end of a job."""
        cast("WatchedJob", job).cancel_requested  # noqa: B018 - the last wait ends here
        self.ends.put(event)


class Sampler(threading.Thread):
    """Notes the running code of another thread, again and again."""

    def __init__(self, thread: threading.Thread) -> None:
        """Watch a thread that has started."""
        super().__init__(daemon=True)
        self._watched = thread
        self.samples: list[tuple[float, str]] = []

    def run(self) -> None:
        """Sample until the watched thread has ended."""
        while self._watched.is_alive():
            frame = sys._current_frames().get(self._watched.ident or 0)  # noqa: SLF001 - documented
            if frame is not None:
                self.samples.append((time.perf_counter(), _place(frame)))
            time.sleep(EVERY_S)


def _place(frame: FrameType | None) -> str:
    """Return the functions of a stack, from outside to inside, as far as they tell something."""
    found: list[str] = []
    while frame is not None:
        code = frame.f_code
        path = Path(code.co_filename)
        skipped = path.name in ("cancel.py", "worker.py", "cancel_waits.py", "threading.py")
        if not skipped and len(found) < 6 and not code.co_filename.startswith("<frozen"):
            found.append(f"{path.stem}.{code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return " > ".join(reversed(found))


def watched(requests: list[tuple[LoopRequest, str, str]], project: Path) -> list[WatchedJob]:
    """Carry out requests, each with the paths of its two sources; return their jobs."""
    jobs, current = OneByOne(), [cast("WatchedJob", None)]
    made: list[str] = []

    def emit(event: Event) -> None:
        if isinstance(event, Progress):
            current[0].stage = event.stage
        if isinstance(event, TakeReady):
            made.append(event.clip.path)

    store = ModelStore(built_in_catalogue())
    worker = threading.Thread(target=Worker(cast("JobQueue", jobs), store, emit).run)
    worker.start()
    sampler = Sampler(worker)
    sampler.start()
    done = []
    for number, (request, *sources) in enumerate(requests):
        paths = [made[0] if path == MADE else path for path in sources]
        command = Render(
            str(number), request, str(project), source_path=paths[0], with_path=paths[1]
        )
        current[0] = WatchedJob(command)
        jobs.put(current[0])
        end = jobs.ends.get()
        if not isinstance(end, Done):
            print(f"the job ended otherwise: {end}"[:1_500])
        done.append(current[0])
    jobs.put(None)
    worker.join()
    for job in done:
        _attribute(job.waits, sampler.samples)
    return done


def _attribute(waits: list[Wait], samples: list[tuple[float, str]]) -> None:
    """Write into each wait which code was seen most often in it."""
    for wait in waits:
        seen: dict[str, int] = {}
        for at_s, place in samples:
            if wait.begin_s <= at_s <= wait.end_s:
                seen[place] = seen.get(place, 0) + 1
        wait.ran = max(seen, key=lambda place: seen[place], default="")


def show(job: WatchedJob) -> None:
    """Print the longest waits of a job, one for each pair of checks."""
    worst: dict[tuple[str, str], Wait] = {}
    for wait in job.waits:
        key = wait.after.rpartition(":")[0], wait.before.rpartition(":")[0]
        if key not in worst or worst[key].length_s < wait.length_s:
            worst[key] = wait
    lengths = sorted(wait.length_s for wait in job.waits)
    total_s = sum(lengths)
    # A cancel at a random moment meets a wait as often as that is long, and is in its middle.
    over_s = sum(length - 0.1 for length in lengths if length > 0.1)
    print(f"{len(lengths):,} checks in {total_s:.1f} s; {over_s / total_s:.1%} of all cancels would"
          " wait for more than 100 ms")  # fmt: skip
    for wait in sorted(worst.values(), key=lambda each: -each.length_s)[:_SHOWN]:
        print(f"{wait.length_s * 1_000:7.0f} ms  {wait.stage}\n    from {wait.after}\n"
              f"    to   {wait.before}\n    ran  {wait.ran}")  # fmt: skip


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--mode", default=None)
    parser.add_argument("--bars", type=int, default=4)
    parser.add_argument("--takes", type=int, default=1)
    parser.add_argument("--field", action="append", default=[], metavar="NAME=JSON")
    options = parser.parse_args()
    os.environ.update(OFFLINE)
    return_large_blocks()
    fields: dict[str, Any] = {
        name: msgspec.json.decode(value)
        for name, _, value in (each.partition("=") for each in options.field)
    }
    sketch = LoopRequest(prompt="warm Rhodes chords and drums", model="sketch", bars=options.bars,
                         bpm=120.0, seed=1)  # fmt: skip
    model = "sketch" if options.model == "craft" else options.model
    request = msgspec.structs.replace(sketch, model=model, takes=options.takes, **fields)
    requests = [(request, "", "")]
    if options.mode is not None:
        request = msgspec.structs.replace(request, mode=options.mode, source="abcd2345")
        if options.mode == "blend":
            request = msgspec.structs.replace(request, with_source="abcd2346")
        requests = [(sketch, "", ""), (request, MADE, MADE if options.mode == "blend" else "")]
    with tempfile.TemporaryDirectory() as folder:
        for job in watched(requests, Path(folder))[-1:]:
            show(job)


if __name__ == "__main__":
    main()
