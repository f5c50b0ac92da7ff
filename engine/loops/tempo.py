"""Musical time: tempo, meter, and the exact number of frames of a loop.

BPM counts quarter notes, as in Live and REAPER; a bar of 7/8 is 3.5 quarter notes. All lengths
are computed with rationals, once, for the whole loop, and rounded once, so that a loop of any
tempo, meter and bar count is exact to the frame. This module knows nothing of audio.
"""

import re
from fractions import Fraction
from typing import Self

import msgspec

from engine.loops.errors import LoopError, OutOfRange

LOWEST_BPM = 20.0
HIGHEST_BPM = 400.0
BPM_DECIMALS = 4
HIGHEST_BARS = 1024
LONGEST_SECONDS = 600
METER_DENOMINATORS = (1, 2, 4, 8, 16, 32)
RATES = (44_100, 48_000, 88_200, 96_000)


def checked_bpm(value: float) -> float:
    """Return a tempo in quarter notes per minute, rounded to at most 4 decimals.

    Raises:
        OutOfRange: the tempo is not a number from 20 to 400.
    """
    if not LOWEST_BPM <= value <= HIGHEST_BPM:
        raise OutOfRange("The tempo", value, f"{LOWEST_BPM:g} to {HIGHEST_BPM:g} BPM")
    return round(float(value), BPM_DECIMALS)


def exact_bpm(bpm: float) -> Fraction:
    """Return the tempo as the rational that its decimal digits say: 93.3 is 933/10."""
    return Fraction(str(bpm))


def format_bpm(bpm: float) -> str:
    """Return the tempo without superfluous zeros: `128`, `93.5`."""
    return f"{bpm:.{BPM_DECIMALS}f}".rstrip("0").rstrip(".")


class Meter(msgspec.Struct, frozen=True, gc=False):
    """A time signature: `numerator` (1-32) notes of 1/`denominator` to the bar."""

    numerator: int = 4
    denominator: int = 4

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `7/8`.

        Raises:
            OutOfRange: the text is no meter, or one outside 1-32 over 1, 2, 4, 8, 16, 32.
        """
        match = re.fullmatch(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", text)
        if match is None:
            raise OutOfRange("The meter", text, "written like 4/4 or 7/8")
        numerator, denominator = int(match[1]), int(match[2])
        if not 1 <= numerator <= 32 or denominator not in METER_DENOMINATORS:
            raise OutOfRange("The meter", text, "1-32 over 1, 2, 4, 8, 16 or 32")
        return cls(numerator, denominator)

    @property
    def bar_quarters(self) -> Fraction:
        """The length of a bar in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class LoopGrid(msgspec.Struct, frozen=True, gc=False):
    """Where the bars and beats of one loop lie, in frames.

    A one-shot has `bars` 0 and `seconds` instead; its tempo still says how fast things move
    inside it. `length_frames` is the length of a loop that somebody else rounded otherwise, a frame
    or two from the exact one: what is made of it has the same.
    """

    bpm: float
    meter: Meter = Meter()
    bars: int = 4
    rate: int = 48_000
    seconds: float | None = None
    length_frames: int | None = None

    def checked(self) -> Self:
        """Return the grid, if a loop can have it.

        Raises:
            OutOfRange: a field is out of its range, or the loop would last over ten minutes.
        """
        checked_bpm(self.bpm)
        Meter.parse(str(self.meter))
        if self.rate not in RATES:
            raise OutOfRange("The sample rate", self.rate, ", ".join(map(str, RATES)))
        if self.seconds is None:
            if not 1 <= self.bars <= HIGHEST_BARS:
                raise OutOfRange("The number of bars", self.bars, f"1 to {HIGHEST_BARS}")
            if self.length_s > LONGEST_SECONDS:
                raise LoopError(
                    f"{self.bars} bars of {self.meter} at {format_bpm(self.bpm)} BPM last "
                    f"{float(self.length_s):.0f} s, over the limit of {LONGEST_SECONDS} s: "
                    "ask for fewer bars."
                )
        elif not 0.01 <= self.seconds <= LONGEST_SECONDS:
            raise OutOfRange("The length", self.seconds, f"0.01 to {LONGEST_SECONDS} s")
        return self

    @property
    def is_loop(self) -> bool:
        """Whether this is a loop of whole bars, and not a one-shot."""
        return self.seconds is None

    @property
    def quarters(self) -> Fraction:
        """The length in quarter notes; that of a one-shot follows from its seconds."""
        if self.seconds is not None:
            return Fraction(str(self.seconds)) * exact_bpm(self.bpm) / 60
        return self.bars * self.meter.bar_quarters

    @property
    def length_s(self) -> Fraction:
        """The exact length in seconds."""
        return self.quarters * 60 / exact_bpm(self.bpm)

    @property
    def frames(self) -> int:
        """The length in frames: the exact length, rounded once (half to even)."""
        if self.length_frames is not None:
            return self.length_frames
        return round(self.length_s * self.rate)

    @property
    def unrounded(self) -> Self:
        """The same grid without a length of its own."""
        return msgspec.structs.replace(self, length_frames=None)

    def frame_at(self, quarters: Fraction | float) -> int:
        """Return the frame nearest to a position in quarter notes from the start."""
        return round(Fraction(quarters) * 60 / exact_bpm(self.bpm) * self.rate)

    @property
    def beat_frames(self) -> list[int]:
        """The first frame of each beat; beats follow the meter's denominator."""
        if not self.is_loop:
            return [0]
        beat = Fraction(4, self.meter.denominator)
        return [self.frame_at(i * beat) for i in range(self.bars * self.meter.numerator)]


def bars_in_words(bars: int) -> str:
    """Return a number of bars in words: `1 bar`, `4 bars`."""
    return "1 bar" if bars == 1 else f"{bars} bars"


def described_grid(grid: LoopGrid) -> tuple[str, str, str]:
    """Return tempo, meter and length in words: `84 bpm`, `4/4`, `4 bars`."""
    length = bars_in_words(grid.bars) if grid.is_loop else f"{grid.seconds:g} s"
    return f"{format_bpm(grid.bpm)} bpm", str(grid.meter), length


def bars_named(text: str, bars: int) -> tuple[int, ...]:
    """Parse which bars to redo, counted from 1: `3`, `2-4` or `1,3`.

    Raises:
        OutOfRange: the text names no bars, or bars that the loop does not have.
    """
    named: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", part)
        if match is None:
            raise OutOfRange("The list of bars to redo", text, "written like 3, 2-4 or 1,3")
        named |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    if not named or min(named) < 1 or max(named) > bars:
        raise OutOfRange("The list of bars to redo", text, f"bars from 1 to {bars}")
    return tuple(sorted(named))
