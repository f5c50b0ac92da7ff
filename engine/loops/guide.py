"""What a new part follows so that it fits loops that are there: chords, groove, and free room.

It is settled when the part is made and stored in its recipe, so the part can be made again without
the loops that it fits.
"""

import math
from fractions import Fraction

import msgspec

from engine.loops.errors import LoopError
from engine.loops.tempo import LoopGrid

STEP_QUARTERS = 0.25
"""The steps of groove and room, in quarter notes."""
LOWEST_OCTAVE_MIDI = 24
OCTAVES = 8
"""The room is known by octaves from C1 upwards; the last one holds all that is higher."""
_MOST_CHORDS = 4096
_MOST_STEPS = 4096


class GuideChord(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One chord: where it starts and how long it lasts, in quarter notes; its pitch classes."""

    start: float
    length: float
    root: int
    pitches: tuple[int, ...]


class Guide(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What a part follows.

    Attributes:
        style: the style that sketch played, if it did.
        chords: one after another from 0; repeated if the part is longer. Empty if there are none.
        groove: how much later than the grid each step is played, in quarter notes; repeated.
        taken: how much of each step is taken, 0..1, in each of `OCTAVES` octaves; repeated.
    """

    style: str | None = None
    chords: tuple[GuideChord, ...] = ()
    groove: tuple[float, ...] = ()
    taken: tuple[tuple[float, ...], ...] = ()

    def grooved(self, start: float) -> float:
        """Return where a position in quarter notes is played; between steps in proportion."""
        if not self.groove:
            return start
        step, part = divmod(start / STEP_QUARTERS, 1.0)
        here, after = (self.groove[int(step + next_) % len(self.groove)] for next_ in (0, 1))
        return start + here + part * (after - here)

    def taken_at(self, start: float, length: float, midi: int) -> float:
        """Return how much is taken around a note while it sounds, 0..1; positions in quarters."""
        if not self.taken:
            return 0.0
        octave = min(max((midi - LOWEST_OCTAVE_MIDI) // 12, 0), OCTAVES - 1)
        first = int(start / STEP_QUARTERS)
        steps = max(1, round(length / STEP_QUARTERS))
        levels = [self.taken[(first + step) % len(self.taken)][octave] for step in range(steps)]
        return sum(levels) / len(levels)

    def is_taken(self, midi: int) -> bool:
        """Return whether the octave of a note is taken in most steps."""
        octave = min(max((midi - LOWEST_OCTAVE_MIDI) // 12, 0), OCTAVES - 1)
        levels = [step[octave] for step in self.taken]
        return bool(levels) and sum(levels) > 0.5 * len(levels)


def groove_steps(grid: LoopGrid) -> int:
    """Return after how many steps the groove of a loop repeats: whole bars and whole beats."""
    period = grid.meter.bar_quarters
    while period.denominator > 1 and period < grid.quarters:
        period *= 2
    return max(1, round(min(period, grid.quarters) / Fraction(STEP_QUARTERS)))


def checked_guide(guide: Guide) -> Guide:
    """Return a guide, which may come from somebody else's file, if it can be followed.

    Raises:
        LoopError: a value is out of its range.
    """
    chords_end = 0.0
    for chord in guide.chords:
        fine = chord.start == chords_end and 0 < chord.length <= 1e5 and 0 <= chord.root < 12
        if not (fine and chord.pitches and all(0 <= pitch < 12 for pitch in chord.pitches)):
            raise LoopError("The guide has a chord that cannot be played: leave the guide out.")
        chords_end += chord.length
    steps = [abs(late) <= STEP_QUARTERS / 2 for late in guide.groove]
    room = [len(step) == OCTAVES and all(0 <= each <= 1 for each in step) for step in guide.taken]
    sizes = len(guide.chords) <= _MOST_CHORDS and max(len(steps), len(room)) <= _MOST_STEPS
    if not (sizes and all(steps) and all(room) and math.isfinite(chords_end)):
        raise LoopError("The guide is out of its range: leave it out.")
    return guide
