"""Makes a pack: keeps engines busy, delivers their takes in the order of the list, resumes.

Takes arrive in any order from several engines, and wait until all before them are delivered, so
that numbers and near-duplicates do not depend on which engine was faster. The engines work in a
hidden folder of the pack; `engine.packs.delivery` and `manifest` write what people see.
"""

import contextlib
import dataclasses
import enum
import os
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from engine import protocol
from engine.client.interface import Engine, restarting
from engine.entry_points import engine_elsewhere
from engine.errors import EngineError
from engine.loops.clip import Clip
from engine.loops.derive import SKETCH_ID
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.files import Folder, advice_on, reason_of
from engine.loops.project import REJECTED_FOLDER
from engine.loops.request import HIGHEST_TAKES
from engine.packs.delivery import Delivery
from engine.packs.journal import WORK_FOLDER, Delivered, Journal, files_of
from engine.packs.manifest import write_manifest, write_zip
from engine.packs.names import pack_name
from engine.packs.pack_list import Entry, PackList

_LOCK = "lock"
_JOBS_PER_ENGINE = 2
_JOBS_PER_STUDIO = 32
_MOST_AHEAD = 64
"""How many takes may wait for one before them."""
_SAME_FAILURES = 3
_WAKE_S = 0.5


class PackEngine(Engine, Protocol):
    """An engine that the maker starts and ends."""

    def close(self) -> None:
        """Stop the engine."""


StartEngine = Callable[[Callable[[protocol.Event], None]], PackEngine]
"""Returns an engine that calls a function with its events; the maker starts it."""


class State(NamedTuple):
    """How far a pack is; `delivered` is what came last.

    `seconds_left` is None until it can be estimated, and `zipped`, 0..1, until all is made.
    """

    total: int
    made: int
    left_out: int
    failed: int
    seconds_left: float | None = None
    delivered: Delivered | None = None
    zipped: float | None = None

    @property
    def done(self) -> int:
        """How many entries are settled."""
        return self.made + self.left_out + self.failed

    @property
    def share(self) -> float:
        """How much of the present work is done, 0..1: of the loops, or then of the ZIP file."""
        return self.done / max(self.total, 1) if self.zipped is None else self.zipped

    def __str__(self) -> str:
        """Say it in words: `12 of 60, 40 s left`."""
        if self.zipped is not None:
            return "writing the ZIP file"
        text = f"{self.done:,} of {self.total:,}"
        if self.seconds_left is None or self.done == self.total:
            return text
        return f"{text}, {_in_words(self.seconds_left)} left"


class Summary(NamedTuple):
    """How a pack ended.

    Attributes:
        folder: of the pack.
        state: the last.
        failures: why entries failed, in the order of the list, each with the prompt.
        stopped: why the rest was not tried; empty if all of it was.
        cancelled: whether it was cancelled.
        packed: the ZIP file; None if there is none.
    """

    folder: Path
    state: State
    failures: tuple[tuple[str, str], ...] = ()
    stopped: str = ""
    cancelled: bool = False
    packed: Path | None = None


class _Wish(enum.Enum):
    PAUSE = enum.auto()
    RESUME = enum.auto()
    CANCEL = enum.auto()


_Inbox = queue.SimpleQueue[protocol.Event | _Wish]


class _Job(NamedTuple):
    """A job of an engine: which entry, by its place in the list."""

    place: int
    engine: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """What pack to make, and how.

    Attributes:
        pack: the list, with vendor and name.
        out: the folder in which the folder of the pack is made; it must exist.
        engines: how many engines work at once.
        takes: how many takes of each entry are made; the best is delivered.
        zipped: whether the whole pack is also written as a ZIP file.
    """

    pack: PackList
    out: Path
    engines: int = 1
    takes: int = 1
    zipped: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the pack."""
        return self.out / pack_name(self.pack.vendor, self.pack.name)


def usual_engines(pack: PackList) -> int:
    """Return how many engines make a pack best: one per core where sketch makes all of it.

    A model needs a whole machine, and each engine on another machine would be a login there.
    """
    is_sketch = all(entry.request.model == SKETCH_ID for entry in pack.entries)
    return (os.cpu_count() or 1) if is_sketch and engine_elsewhere() is None else 1


def how_far(plan: Plan) -> State:
    """Return how much of a pack is made already; this writes nothing."""
    found: dict[str, Delivered] = {}
    with (
        contextlib.suppress(OSError),
        Folder.open(plan.folder) as pack,
        pack.inside(WORK_FOLDER) as work,
    ):
        found = Journal(work).read(pack)
    known = [found[entry.id] for entry in plan.pack.entries if entry.id in found]
    made = len(files_of(known))
    return State(len(plan.pack.entries), made, len(known) - made, 0)


class _Cancelled(Exception):
    """The writing of the ZIP file was cancelled."""


class PackMaker:
    """Makes one pack. `run` works on the caller's thread; any thread may call the rest."""

    def __init__(
        self,
        plan: Plan,
        start_engine: StartEngine,
        show: Callable[[State], None] = lambda _: None,
    ) -> None:
        """Prepare a pack without doing anything.

        Args:
            plan: what to make.
            start_engine: how an engine is had.
            show: called with the state after each change, on the thread of `run`.

        Raises:
            LoopError: the number of takes is out of its range.
        """
        if not 1 <= plan.takes <= HIGHEST_TAKES:
            raise OutOfRange("The number of takes", plan.takes, f"1 to {HIGHEST_TAKES}")
        self._plan = plan
        self._start_engine = start_engine
        self._show = show
        self._inbox: _Inbox = queue.SimpleQueue()

    def pause(self) -> None:
        """Begin no more loops; those that were begun are finished."""
        self._inbox.put(_Wish.PAUSE)

    def resume(self) -> None:
        """Go on after a pause."""
        self._inbox.put(_Wish.RESUME)

    def cancel(self) -> None:
        """End soon; what is delivered stays, and the same list goes on from there."""
        self._inbox.put(_Wish.CANCEL)

    def run(self) -> Summary:
        """Make the pack, or what is missing of it, and return how that ended.

        Raises:
            LoopError: the folder cannot be used, or another process makes this pack.
        """
        plan = self._plan
        with self._opened() as (pack, work):
            journal = Journal(work)
            delivery = Delivery(
                pack, journal, journal.read(pack),
                vendor=plan.pack.vendor, name=plan.pack.name,
            )  # fmt: skip
            run = _Run(plan, delivery, work.path, self._inbox, self._show)
            try:
                if run.is_missing_some:
                    run.start(self._start_engine)
                summary = run.to_end()
            finally:
                run.close()
            write_manifest(pack, plan.pack.vendor, plan.pack.name, run.in_order())
            is_whole = not (summary.stopped or summary.cancelled)
            return self._with_zip(summary) if plan.zipped and is_whole else summary

    def _with_zip(self, summary: Summary) -> Summary:
        def on_file(done: int, total: int) -> None:
            while not self._inbox.empty():
                if self._inbox.get() is _Wish.CANCEL:
                    raise _Cancelled
            self._show(summary.state._replace(zipped=done / total))

        try:
            return summary._replace(packed=write_zip(summary.folder, on_file))
        except _Cancelled:
            return summary._replace(cancelled=True)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[Folder, Folder]]:
        """Yield the folders of the pack and of the work, locked against other processes."""
        try:
            with contextlib.ExitStack() as stack:
                out = stack.enter_context(Folder.open(self._plan.out))
                pack = stack.enter_context(out.inside(self._plan.folder.name, make=True))
                work = stack.enter_context(pack.inside(WORK_FOLDER, make=True))
                try:
                    stack.enter_context(work.locked(_LOCK, wait=False))
                except OSError as error:
                    raise LoopError(
                        f"The pack {self._plan.folder.name!r} is being made by another program: "
                        "wait for it, or choose another folder."
                    ) from error
                yield pack, work
        except OSError as error:
            raise LoopError(
                f"The folder {self._plan.folder} {reason_of(error)}: {advice_on(error)}."
            ) from error


class _Run:
    """One run of a maker: the engines, the jobs, and the takes that wait."""

    def __init__(
        self,
        plan: Plan,
        delivery: Delivery,
        work: Path,
        inbox: "_Inbox",
        show: Callable[[State], None],
    ) -> None:
        self._plan, self._delivery, self._work = plan, delivery, work
        self._inbox, self._show = inbox, show
        self._entries = plan.pack.entries
        known = [delivery.delivered.get(entry.id) for entry in self._entries]
        self._pending = deque(place for place, each in enumerate(known) if each is None)
        self._order = deque(self._pending)
        self._made = sum(each is not None and bool(each.file) for each in known)
        self._left_out = len(known) - len(self._pending) - self._made
        self._engines: list[PackEngine] = []
        self._jobs: dict[str, _Job] = {}
        self._clips: dict[str, list[Clip]] = {}
        self._results: dict[int, list[Clip] | str] = {}
        self._failures: list[tuple[str, str]] = []
        self._same_failures = 0
        self._stopped = ""
        self._paused = self._cancelled = False
        self._settled, self._worked_s, self._looked_at = 0, 0.0, time.monotonic()
        self._sweep()

    @property
    def is_missing_some(self) -> bool:
        """Whether there is anything to make."""
        return bool(self._pending)

    def in_order(self) -> list[Delivered]:
        """Return what is delivered, in the order of the list."""
        found = self._delivery.delivered
        return [found[entry.id] for entry in self._entries if entry.id in found]

    def start(self, start_engine: StartEngine) -> None:
        """Start the engines."""
        for _ in range(min(max(1, self._plan.engines), len(self._pending))):
            engine = start_engine(self._inbox.put)
            self._engines.append(engine)
            engine.start()

    def to_end(self) -> Summary:
        """Make what is missing, and return how that ended."""
        self._show(self._state())
        while self._order and not self._is_over:
            if not self._paused:
                self._feed()
            self._on_next()
        for job, (_, number) in self._jobs.items():
            self._engines[number].cancel(job)
        return Summary(
            self._plan.folder, self._state(), tuple(self._failures), self._stopped,
            cancelled=self._cancelled,
        )  # fmt: skip

    def close(self) -> None:
        """End the engines, and delete the takes that were not delivered."""
        for engine in self._engines:
            engine.close()
        self._sweep()

    @property
    def _is_over(self) -> bool:
        return self._cancelled or bool(self._stopped)

    @property
    def _is_next_there(self) -> bool:
        return bool(self._order) and self._order[0] in self._results

    def _feed(self) -> None:
        """Give each engine a job to do and one to do next, in the order of the list.

        A studio gets more, for all of its machines; what else it makes comes in turn all the same.
        """
        busy = Counter(job.engine for job in self._jobs.values())
        is_studio = (engine_elsewhere() or "").startswith("ray://")
        for count in range(_JOBS_PER_STUDIO if is_studio else _JOBS_PER_ENGINE):
            for number, engine in enumerate(self._engines):
                if not self._pending or self._pending[0] >= self._order[0] + _MOST_AHEAD:
                    return
                if busy[number] == count:
                    self._begin(self._pending.popleft(), number, engine)
                    busy[number] += 1

    def _begin(self, place: int, number: int, engine: PackEngine) -> None:
        request = msgspec.structs.replace(self._entries[place].request, takes=self._plan.takes)
        try:
            job = restarting(engine, lambda: engine.render(request, self._work))
        except (LoopError, EngineError) as error:
            self._results[place] = str(error)
        else:
            self._jobs[job] = _Job(place, number)

    def _on_next(self) -> None:
        """Wait for what comes next, and deliver what can be delivered."""
        message = None
        with contextlib.suppress(queue.Empty):
            message = self._inbox.get(timeout=0 if self._is_next_there else _WAKE_S)
        self._note_time()
        if isinstance(message, _Wish):
            self._cancelled = self._cancelled or message is _Wish.CANCEL
            self._paused = message is _Wish.PAUSE
        elif isinstance(message, protocol.JobEvent) and message.id in self._jobs:
            self._on_event(message)
        while self._is_next_there and not self._is_over:
            self._settle_next()

    def _note_time(self) -> None:
        now = time.monotonic()
        self._worked_s += 0.0 if self._paused else now - self._looked_at
        self._looked_at = now

    def _on_event(self, event: protocol.JobEvent) -> None:
        clips = self._clips.setdefault(event.id, [])
        if isinstance(event, protocol.TakeReady):
            clips.append(event.clip)
        elif isinstance(event, protocol.Terminal):
            place = self._jobs.pop(event.id).place
            del self._clips[event.id]
            if isinstance(event, protocol.Done) and clips:
                self._results[place] = clips
            else:
                self._results[place] = getattr(event, "message", "The engine made no take.")

    def _settle_next(self) -> None:
        """Deliver the next entry of the list, or note why that failed."""
        place = self._order.popleft()
        entry, result = self._entries[place], self._results.pop(place)
        delivered = None
        if isinstance(result, str):
            self._note_failure(entry, result)
        else:
            delivered = self._deliver(entry, result)
        self._settled += 1
        self._show(self._state(delivered))

    def _deliver(self, entry: Entry, clips: list[Clip]) -> Delivered | None:
        try:
            delivered = self._delivery.deliver(entry, clips[0])
        except LoopError as error:
            self._note_failure(entry, str(error))
            return None
        except OSError as error:
            self._stopped = f"{self._plan.folder} {reason_of(error)}: {advice_on(error)}."
            return None
        finally:
            for clip in clips:
                Path(clip.path).unlink(missing_ok=True)
        self._same_failures = 0
        self._made += bool(delivered.file)
        self._left_out += not delivered.file
        return delivered

    def _note_failure(self, entry: Entry, reason: str) -> None:
        is_same = bool(self._failures) and self._failures[-1][1] == reason
        self._same_failures = self._same_failures + 1 if is_same else 1
        self._failures.append((entry.request.prompt, reason))
        if self._same_failures == _SAME_FAILURES:
            self._stopped = f"{_SAME_FAILURES} loops in a row failed. {reason}"

    def _sweep(self) -> None:
        """Delete the takes in the work folder: they belong to nobody."""
        for folder in (self._work, self._work / REJECTED_FOLDER):
            for path in folder.glob("*.wav"):
                path.unlink(missing_ok=True)

    def _state(self, delivered: Delivered | None = None) -> State:
        state = State(
            len(self._entries), self._made, self._left_out, len(self._failures),
            delivered=delivered,
        )  # fmt: skip
        if not self._settled:
            return state
        left = state.total - state.done
        return state._replace(seconds_left=self._worked_s / self._settled * left)


def _in_words(seconds: float) -> str:
    """Return a duration in the unit that fits it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
