"""Whose turn it is, and where: the policy of a studio, without Ray.

Turns go to the musician with the fewest takes in the making, and among equals to the one whose last
turn is longest ago. So a pack of a thousand loops gets every card while nobody else is there, and
delays a single loop by no more than the take that is being made.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator


@dataclasses.dataclass(eq=False)
class Part:
    """What one worker does in one go: a take, or another job as a whole.

    Attributes:
        musician: whose it is.
        job: the job that it is part of, as a number that grows with each.
        model: the model that it needs; empty if it needs none.
        node: the only box that may do it; empty for any.
        since: when it began to wait, by `time.monotonic`.
    """

    musician: str
    job: int
    model: str = ""
    node: str = ""
    since: float = 0.0


@dataclasses.dataclass(eq=False)
class Seat:
    """A worker as the policy sees it.

    Attributes:
        node: the machine that it is on.
        models: the models that are ready on that machine.
        loaded: the model in its memory; empty for none.
        part: what it is doing; None if it is free.
    """

    node: str
    models: frozenset[str] = frozenset()
    loaded: str = ""
    part: Part | None = None


class Turns:
    """The parts that wait, by musician, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Part]] = {}
        self._last_turn: dict[str, int] = {}
        self._count = itertools.count(1)

    def add(self, part: Part, *, first: bool = False) -> None:
        """Let a part wait, behind the others of its musician or, if it was begun before, first."""
        own = self._waiting.setdefault(part.musician, [])
        own.insert(0 if first else len(own), part)

    def remove(self, part: Part) -> None:
        """Take a part away, if it waits."""
        own = self._waiting.get(part.musician, [])
        if part in own:
            own.remove(part)
        if not own:
            self._waiting.pop(part.musician, None)

    def next(self, seats: Iterable[Seat]) -> tuple[Part, Seat] | None:
        """Take out the part whose turn it is, and return it with the seat for it; None for none."""
        everywhere = list(seats)
        if all(seat.part is not None for seat in everywhere):
            return None
        for musician in self._in_turn(everywhere):
            for part in self._waiting[musician]:
                seat = _seat_for(part, everywhere)
                if seat is not None:
                    self._last_turn[musician] = next(self._count)
                    self.remove(part)
                    return part, seat
        return None

    def order(self) -> Iterator[int]:
        """Yield the jobs that have a part waiting, about in the order of their turns."""
        jobs = [
            list(dict.fromkeys(part.job for part in self._waiting[musician]))
            for musician in sorted(self._waiting, key=self._since)
        ]
        for each in itertools.zip_longest(*jobs):
            yield from (job for job in each if job is not None)

    def waiting(self) -> dict[str, list[Part]]:
        """Return the parts that each musician has waiting."""
        return {musician: list(parts) for musician, parts in self._waiting.items()}

    def _in_turn(self, seats: list[Seat]) -> list[str]:
        running = [seat.part.musician for seat in seats if seat.part is not None]
        return sorted(
            self._waiting,
            key=lambda musician: (running.count(musician), self._since(musician)),
        )

    def _since(self, musician: str) -> int:
        return self._last_turn.get(musician, 0)


def _seat_for(part: Part, seats: list[Seat]) -> Seat | None:
    """Return the free seat that is best for a part; None if it must wait.

    That is one with the model in memory, else one with room for it, else any where it is ready. A
    model that is ready nowhere may fail anywhere, with a sentence.
    """
    able = [seat for seat in seats if part.node in ("", seat.node)]
    if part.model and any(part.model in seat.models for seat in able):
        able = [seat for seat in able if part.model in seat.models]
    free = [seat for seat in able if seat.part is None]
    return min(free, key=lambda seat: _cost(part.model, seat.loaded), default=None)


def _cost(model: str, loaded: str) -> int:
    if not model:
        return 0 if not loaded else 1  # leave the models to those that need them
    return 0 if loaded == model else 1 if not loaded else 2
