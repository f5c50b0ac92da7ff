"""The score that the composer writes and the band plays: notes and strokes in musical time."""

import dataclasses
from fractions import Fraction

from engine.loops.tempo import Meter


@dataclasses.dataclass(frozen=True)
class Note:
    """A pitched note.

    `start` and `length` are in quarter notes from the start of the loop, before swing; `midi` is
    the note number; `slide_from` is the note from which it glides.
    """

    start: float
    length: float
    midi: int
    velocity: float = 0.8
    slide_from: int | None = None


@dataclasses.dataclass(frozen=True)
class Stroke:
    """A drum stroke; `late_s` moves it off the grid, in seconds."""

    start: float
    voice: str
    velocity: float = 0.8
    late_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class Score:
    """The parts by role: strokes of drums and percussion, notes of the pitched parts."""

    strokes: dict[str, list[Stroke]] = dataclasses.field(default_factory=dict)
    notes: dict[str, list[Note]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Bar:
    """The steps of one bar of a meter, and the step of a 4/4 pattern that each one uses.

    Attributes:
        step: length of a step in quarter notes: a sixteenth, or finer if the meter needs it.
        places: for each step, the step of the 4/4 pattern (0-15) that it plays.
        beats: the steps on which the groups of the meter begin.
    """

    step: float
    places: tuple[int, ...]
    beats: tuple[int, ...]

    @property
    def quarters(self) -> float:
        """The length of the bar in quarter notes."""
        return self.step * len(self.places)


_BEATS_OF_GROUPS = {1: (0,), 2: (0, 1), 3: (0, 1, 3), 4: (0, 1, 2, 3), 5: (0, 1, 2, 3, 3)}


def bar_of(meter: Meter) -> Bar:
    """Return the steps of a bar, whose groups use the beats of the 4/4 pattern in turn.

    7/8 is grouped 2+2+3, 6/8 and 12/8 in threes, others in fours with a longer last group.
    """
    step = min(Fraction(1, 4), Fraction(2, meter.denominator))
    count = int(meter.bar_quarters / step)
    compound = meter.denominator == 8 and meter.numerator % 3 == 0 and meter.numerator > 3
    groups = [6] * (count // 6) if compound else _groups(count)
    if meter.numerator == 3 and meter.denominator in (2, 4):
        order: tuple[int, ...] = (0, 1, 1)
    else:
        order = _BEATS_OF_GROUPS.get(len(groups), (0, 1, 2, 3))
    places: list[int] = []
    beats: list[int] = []
    for number, size in enumerate(groups):
        beats.append(len(places))
        first = 4 * order[number % len(order)]
        places += [first + (sub if sub < 4 else 2 + sub % 2) for sub in range(size)]
    return Bar(float(step), tuple(places), tuple(beats))


def _groups(count: int) -> list[int]:
    groups = []
    while count >= 8:
        groups.append(4)
        count -= 4
    if count == 7:
        return [*groups, 4, 3]
    return [*groups, count] if count else groups


def swung(start: float, swing: float, pair: float) -> float:
    """Return where a position in quarter notes falls with swing.

    The second half of each `pair` (in quarter notes) begins at `swing` (0.5-0.667) of it.
    """
    whole, part = divmod(start / pair, 1.0)
    moved = 2 * swing * part if part < 0.5 else swing + 2 * (1 - swing) * (part - 0.5)
    return float((whole + moved) * pair)
