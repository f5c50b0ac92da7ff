"""A studio under load: `python -m benchmarks.studio [overhead] [one] [two] [fair] [kills]`.

Real nodes of Ray on this machine, with sketch as the model. Musicians are sessions at the desk, as
relays open them, but many in one process. Prints one figure per line, with the machine's load.
"""

import contextlib
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from engine import protocol
from engine.client import EngineClient
from engine.loops.request import LoopRequest
from engine.remote.place import StudioPlace
from engine.remote.wire import ConnectionLost, Received, TakeSent
from engine.studio.connection import DeskLink, desk_of
from engine.studio.turns import Part, Seat, Turns
from tests.fakes.studio import Studio, running_studio

LOOPS = 20
CANCELS = 5
TAKES = 10
MUSICIANS = 50
JOBS_EACH = 3
LOAD = 0.7
"""How much of what the workers can make is asked for."""
WORKER_KILLS, NODE_KILLS = 10, 3
_BARS = 1
_ENDS = (protocol.Done, protocol.Failed, protocol.Cancelled)


class Musician:
    """One session, and what came of its jobs."""

    def __init__(self, desk: Any, name: str) -> None:
        self._link = DeskLink(desk, name)
        self._name = name
        self._count = 0
        self.ends: Counter[str] = Counter()
        self.takes: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.begun: dict[str, float] = {}
        self.times: dict[str, tuple[float, float]] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, *, bars: int = _BARS, takes: int = 1) -> str:
        """Ask for a loop, and return the id of the job."""
        self._count += 1
        job = f"{self._name}-{self._count}"
        request = _request(self._count, bars, takes)
        self.times[job] = (time.perf_counter(), 0.0)
        self._link.send(protocol.Render(job, request, ""))
        return job

    def cancel(self, job: str) -> None:
        """Cancel a job."""
        self._link.send(protocol.Cancel(job))

    def wait(self, job: str, *, begun: bool = False) -> float:
        """Wait for the end of a job, or its beginning; return when, by `time.perf_counter`."""
        with self._changed:
            self._changed.wait_for(lambda: job in (self.begun if begun else self.ends), 600)
        return self.begun[job] if begun else self.times[job][1]

    def took_s(self, job: str) -> float:
        """Return how long the making of a job took, in seconds."""
        return self.times[job][1] - self.begun[job]

    def _listen(self) -> None:
        with contextlib.suppress(ConnectionLost):
            while True:
                message, _payload = self._link.receive()
                self._note(message)

    def _note(self, message: Any) -> None:
        now = time.perf_counter()
        if isinstance(message, TakeSent):
            self.takes[message.id] += 1
            self._link.send(Received(message.id))
            return
        with self._changed:
            if isinstance(message, protocol.Understood):
                self.begun.setdefault(message.id, now)
            elif isinstance(message, _ENDS):
                self.ends[message.id] += 1
                self.kinds[type(message).__name__] += 1
                self.times[message.id] = (self.times[message.id][0], now)
            self._changed.notify_all()


def _request(seed: int, bars: int, takes: int = 1) -> LoopRequest:
    return LoopRequest(
        prompt="house drums", model="sketch", bars=bars, bpm=120, seed=seed, takes=takes
    )


@contextlib.contextmanager
def studio(workers: int) -> Iterator[tuple[Studio, Any]]:
    """Start a studio, and connect to its desk."""
    with running_studio(workers) as running:
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(running.token)
        desk = desk_of(StudioPlace("127.0.0.1", running.port))
        wait_for_workers(running, workers)
        yield running, desk


def wait_for_workers(running: Studio, count: int) -> None:
    """Wait until the studio has so many workers."""
    while len(running.status()["workers"]) < count:
        time.sleep(0.5)


class Here:
    """An engine of this machine, asked the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events: dict[tuple[str, bool], threading.Event] = defaultdict(threading.Event)
        self._count = 0
        self.engine = EngineClient(self._note)

    def ask(self, *, bars: int) -> str:
        """Ask for a loop, and return the id of the job."""
        self._count += 1
        return self.engine.render(_request(self._count, bars), self._folder)

    def cancel(self, job: str) -> None:
        """Cancel a job."""
        self.engine.cancel(job)

    def wait(self, job: str, *, begun: bool = False) -> float:
        """Wait for the end of a job, or its beginning; return when."""
        self._events[job, begun].wait(600)
        return time.perf_counter()

    def _note(self, event: protocol.Event) -> None:
        if isinstance(event, (protocol.Understood, *_ENDS)):
            self._events[event.id, isinstance(event, protocol.Understood)].set()


def overhead() -> None:
    """Compare a sketch loop of four bars with one from an engine of this machine, in turn."""
    loops: dict[str, list[float]] = defaultdict(list)
    cancels: dict[str, list[float]] = defaultdict(list)
    with studio(1) as (running, desk):
        here = Here(running.folder / "local")
        sides: dict[str, Musician | Here] = {
            "studio": Musician(desk, "me"),
            "engine of this machine": here,
        }
        with here.engine:
            for side in sides.values():
                side.wait(side.ask(bars=4))
            spent = -others_spent(running)
            for _ in range(LOOPS):
                for name, side in sides.items():
                    began = time.perf_counter()
                    side.wait(side.ask(bars=4))
                    loops[name].append(time.perf_counter() - began)
            spent += others_spent(running)
            for _ in range(CANCELS):
                for name, side in sides.items():
                    cancels[name].append(cancel_s(side))
    for name in sides:
        tell(f"loop of four bars, {name}", statistics.median(loops[name]), "s")
        tell(f"fastest, {name}", min(loops[name]), "s")
        tell(f"cancel, {name}", statistics.median(cancels[name]), "s")
    tell("processor time beside the engine's, a loop", spent / LOOPS, "s")


def cancel_s(side: Musician | Here) -> float:
    """Return how long it takes to cancel a long loop in the middle, in seconds."""
    job = side.ask(bars=200)
    side.wait(job, begun=True)
    time.sleep(0.3)
    began = time.perf_counter()
    side.cancel(job)
    return side.wait(job) - began


def others_spent(running: Studio) -> float:
    """Return the processor time so far, in seconds, of this process and all but the engines."""
    total = sum(psutil.Process().cpu_times()[:2])
    for process in running.processes():
        with contextlib.suppress(psutil.Error):
            if process.cmdline()[-1:] != ["engine"]:
                total += sum(process.cpu_times()[:2])
    return total


def pace(workers: int) -> None:
    """Measure how many takes a minute some workers make."""
    with studio(workers) as (_running, desk):
        me = Musician(desk, "me")
        for _ in range(workers):
            me.wait(me.ask(takes=2))
        began = time.perf_counter()
        for job in [me.ask(bars=4) for _ in range(TAKES)]:
            me.wait(job)
        minutes = (time.perf_counter() - began) / 60
        tell(f"takes a minute, workers: {workers}", TAKES / minutes, "")


def fair() -> None:
    """Let many musicians ask at random; compare how long they wait with an ideal studio."""
    workers, draw = 2, random.Random(1)
    with studio(workers) as (_running, desk):
        musicians = [Musician(desk, f"musician {number}") for number in range(MUSICIANS)]
        alone = [musicians[0]] * 2 * workers
        began = time.perf_counter()
        for job in [each.ask() for each in alone]:
            musicians[0].wait(job)
        began = time.perf_counter()
        for job in [musicians[0].ask() for _ in range(10 * workers)]:
            musicians[0].wait(job)
        take_s = (time.perf_counter() - began) / 10
        gap_s = take_s / workers / LOAD
        packer = Musician(desk, "packer")
        pack = [packer.ask() for _ in range(MUSICIANS)]
        began, at, asked = time.perf_counter(), 0.0, []
        for _ in range(MUSICIANS * JOBS_EACH):
            at += draw.expovariate(1 / gap_s)
            time.sleep(max(0.0, began + at - time.perf_counter()))
            musician = draw.choice(musicians)
            asked.append((musician, musician.ask(), time.perf_counter() - began))
        waits = sorted(
            musician.wait(job, begun=True) - began - when for musician, job, when in asked
        )
        for job in [*(job for _m, job, _when in asked), *pack]:
            next(m for m in (*musicians, packer) if job in m.times).wait(job)
        everybody = [*musicians, packer]
        once = all(count == 1 for each in everybody for count in each.ends.values())
    # Each take as long as it was, since the rest of the machine comes and goes.
    arrivals = [(0.0, "packer", packer.took_s(job)) for job in pack]
    arrivals += [(when, str(id(m)), m.took_s(job)) for m, job, when in asked]
    ideal = sorted(ideal_waits(arrivals, workers))
    tell("a take", statistics.mean(took_s for _when, _who, took_s in arrivals), "s")
    tell("waiting, median", statistics.median(waits), "s")
    tell("waiting, 95 of 100", waits[int(0.95 * len(waits))], "s")
    tell("ideal, median", statistics.median(ideal), "s")
    tell("ideal, 95 of 100", ideal[int(0.95 * len(ideal))], "s")
    tell(f"jobs that ended once of {len(asked) + len(pack)}", float(once), "(1: all)")


def ideal_waits(arrivals: list[tuple[float, str, float]], workers: int) -> Iterator[float]:
    """Yield how long each single loop would wait if nothing but making them took time.

    `arrivals` are when, whose, and how long it takes, in order of time and in seconds.
    """
    turns, seats = Turns(), [Seat("here", frozenset({"sketch"}), "sketch") for _ in range(workers)]
    coming = [(at, Part(who, job, "sketch")) for job, (at, who, _took) in enumerate(arrivals)]
    ends: list[tuple[float, Seat]] = []
    while coming or ends:
        now = min([at for at, _ in coming[:1]] + [end for end, _ in ends])
        for end, seat in [each for each in ends if each[0] <= now]:
            seat.part = None
            ends.remove((end, seat))
        while coming and coming[0][0] <= now:
            turns.add(coming.pop(0)[1])
        while (turn := turns.next(seats)) is not None:
            part, seat = turn
            came, who, took_s = arrivals[part.job]
            seat.part = part
            ends.append((now + took_s, seat))
            if who != "packer":
                yield now - came


def kills() -> None:
    """Kill workers and boxes in the middle of jobs: each job ends once, with its takes."""
    with studio(1) as (running, desk):
        me = Musician(desk, "me")
        jobs: list[str] = []
        for _ in range(WORKER_KILLS):
            jobs += busy(me)
            kill(running, "ray::Worker")
            finish(me, jobs)
        tell_ends(f"{WORKER_KILLS} workers killed", me, jobs)
        me, jobs = Musician(desk, "other"), []
        for number in range(NODE_KILLS):
            running.join(f"box-{number}")
            wait_for_workers(running, 2)
            jobs += busy(me)
            for process in running.processes(box=running.boxes[-1]):
                if process.name() == "raylet":
                    process.kill()
            finish(me, jobs)
        tell_ends(f"{NODE_KILLS} boxes killed", me, jobs)


def busy(me: Musician) -> list[str]:
    """Ask for some loops, and return them when the first has begun."""
    jobs = [me.ask(takes=2) for _ in range(5)]
    me.wait(jobs[0], begun=True)
    return jobs


def finish(me: Musician, jobs: list[str]) -> None:
    """Wait for jobs."""
    for job in jobs:
        me.wait(job)


def kill(running: Studio, name: str) -> None:
    """Kill a process of a studio, without a warning."""
    process = random.choice(running.processes(name))
    process.kill()


def tell_ends(what: str, me: Musician, jobs: list[str]) -> None:
    """Say how many jobs ended once, with all of their takes."""
    time.sleep(1)
    whole = sum(me.ends[job] == 1 and me.takes[job] == 2 for job in jobs)
    tell(f"{what}: jobs that ended once, with each take once, of {len(jobs)}", whole, "")
    print(f"    {dict(me.kinds)}", flush=True)


def tell(what: str, value: float, unit: str) -> None:
    """Print a figure."""
    print(f"{what}: {value:.3g} {unit}  (load {os.getloadavg()[0]:.1f})".rstrip(), flush=True)


PARTS: dict[str, Callable[[], None]] = {
    "overhead": overhead,
    "one": partial(pace, 1),
    "two": partial(pace, 2),
    "fair": fair,
    "kills": kills,
}

if __name__ == "__main__":
    names = sys.argv[1:] or list(PARTS)
    if len(names) == 1:
        PARTS[names[0]]()
    else:  # each in a process of its own, since Ray keeps the token of the first studio
        for each in names:
            subprocess.run([sys.executable, "-m", "benchmarks.studio", each], check=False)
