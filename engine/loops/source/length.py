"""What the length of a source says: its bars at a tempo, and the tempo of so many bars.

A loop that somebody cut is a usual number of bars long, at a round tempo, to the frame. A few tens
of milliseconds may be missing, since breaks are trimmed before the next attack.
"""

import dataclasses
import math
from fractions import Fraction

import msgspec

from engine.loops.tempo import BPM_DECIMALS, HIGHEST_BPM, LOWEST_BPM, LoopGrid, Meter

USUAL_BARS = (16, 8, 4, 2, 1)
_MORE_BARS = (32, *USUAL_BARS)
_SHORT_S, _LONG_S, _NEAR = 0.08, 0.03, 0.02
"""How much may be missing or left over, in seconds and as a share."""
_UNUSUAL, _MOST_UNUSUAL = 0.004, 12
"""How far an unusual number of bars may be off, as a share, and the highest such number."""
_ROUNDED_FRAMES = 1.0
_STATED_OCTAVE, _DETECTED_OCTAVE = 0.7, 0.5
"""How many octaves a tempo must be off the requested one to be doubled or halved."""
HALF_BAR = Meter(2, 4)


@dataclasses.dataclass(frozen=True)
class Length:
    """The length of a source: `frames` at `rate` Hz, and behind them `silent_s` of silence."""

    frames: int
    rate: int
    silent_s: float = 0.0

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.frames / self.rate

    @property
    def is_whole_seconds(self) -> bool:
        """Whether it is whole seconds, which may be whole bars by chance."""
        return (self.frames + 1) % self.rate <= 2

    def without(self, lead_s: float, tail_s: float = 0.0) -> "Length":
        """Return the length without its beginning, and with the silence at its end apart."""
        frames = max(1, self.frames - round((lead_s + tail_s) * self.rate))
        return Length(frames, self.rate, tail_s)

    def bpm_of(self, quarters: Fraction) -> float:
        """Return the roundest tempo at which so many quarter notes last this long.

        All tempos at which they have as many frames, give or take one, are equally right, and
        people write the one with the fewest decimals.
        """
        exact = float(quarters) * 60 * self.rate / self.frames
        spread = exact * _ROUNDED_FRAMES / self.frames
        for decimals in range(BPM_DECIMALS):
            bpm = float(round(exact, decimals))
            if abs(bpm - exact) <= spread + 1e-9:
                return bpm
        return round(exact, BPM_DECIMALS)

    def is_round(self, quarters: Fraction) -> bool:
        """Return whether so many quarter notes last this long at a whole BPM, or at a half."""
        return (2 * self.bpm_of(quarters)).is_integer()


@dataclasses.dataclass(frozen=True)
class Bars:
    """Whole bars at a tempo; `off_s` is how much longer the source is, negative if shorter."""

    bpm: float
    bars: int
    meter: Meter
    off_s: float

    @property
    def usual(self) -> bool:
        """Whether people cut loops of so many bars."""
        return self.bars in _MORE_BARS

    @property
    def trimmed(self) -> bool:
        """Whether no more is missing or left over than where a loop was cut a little off."""
        return -_SHORT_S <= self.off_s <= _SHORT_S

    @property
    def quarters(self) -> Fraction:
        """The length in quarter notes."""
        return self.bars * self.meter.bar_quarters


def bars_at(
    length: Length, bpm: float, meter: Meter, stated: tuple[Fraction, ...] = ()
) -> Bars | None:
    """Return the whole bars that a source has at a known tempo; None if it has none.

    Args:
        length: of the source.
        bpm: its tempo.
        meter: its meter.
        stated: numbers of quarter notes that it is said to have. It may be a beat off them, or
            longer, with a tail behind its last bar.
    """
    quarter_s = 60 / bpm
    said = [_stated_bars(bpm, quarters, meter, length.seconds) for quarters in stated]
    for bars in said:
        if bars is not None and abs(bars.off_s) < quarter_s:
            return bars
    count_bars = _bars_into_silence if length.silent_s else _counted_bars
    found = count_bars(length, bpm, meter)
    with_tail = [bars for bars in said if bars is not None and bars.off_s > 0]
    return found or next(iter(with_tail), None)


def _stated_bars(bpm: float, quarters: Fraction, meter: Meter, seconds: float) -> Bars | None:
    off_s = seconds - float(quarters) * 60 / bpm
    bars = quarters / meter.bar_quarters
    if bars.denominator == 1:
        return Bars(bpm, int(bars), meter, off_s)
    if quarters == HALF_BAR.bar_quarters:
        return Bars(bpm, 1, HALF_BAR, off_s)
    return None


def _counted_bars(length: Length, bpm: float, meter: Meter) -> Bars | None:
    """Return the bars that fit best, if they fit; a usual number of bars need not fit as well."""
    quarter_s = 60 / bpm
    bar_s = float(meter.bar_quarters) * quarter_s
    count, seconds = round(length.seconds / bar_s), length.seconds
    if count < 1 or seconds < bar_s * 0.75:
        off_s = seconds - bar_s / 2
        is_half = meter == Meter() and -_SHORT_S <= off_s <= _LONG_S
        return Bars(bpm, 1, HALF_BAR, off_s) if is_half else None
    off_s = seconds - count * bar_s
    near_s = min(_NEAR * seconds, quarter_s / 2)
    short_s, long_s = max(_SHORT_S, near_s), max(_LONG_S, near_s)
    if count not in _MORE_BARS:
        if count > _MOST_UNUSUAL:
            return None
        short_s, long_s = (min(each, _UNUSUAL * seconds) for each in (short_s, long_s))
    return Bars(bpm, count, meter, off_s) if -short_s <= off_s <= long_s else None


def _bars_into_silence(length: Length, bpm: float, meter: Meter) -> Bars | None:
    """Return the usual number of bars whose end lies in the silence behind the audio."""
    bar_s = float(meter.bar_quarters) * 60 / bpm
    long_s = max(_LONG_S, min(_NEAR * length.seconds, 30 / bpm))
    count = max(1, math.ceil((length.seconds - long_s) / bar_s))
    off_s = length.seconds - count * bar_s
    if off_s < 0:  # The silence belongs to the last bar, as far as it goes.
        off_s = min(0.0, off_s + length.silent_s)
    return Bars(bpm, count, meter, off_s) if count in _MORE_BARS and off_s >= -_SHORT_S else None


def octave_towards(bpm: float, target: float, *, least: float) -> int:
    """Return how many times to double a tempo (or, negative, halve it) towards another one.

    Args:
        bpm: the tempo.
        target: the other one.
        least: by how many octaves they must be apart, or the tempo stays.
    """
    apart = math.log2(target / bpm)
    return round(apart) if abs(apart) >= least else 0


def folded(grid: LoopGrid, target: float | None, *, stated: bool) -> LoopGrid:
    """Return the grid of the same audio at the octave of its tempo nearest to a target.

    It keeps its length: 2 bars at 87 BPM are 4 bars at 174. A grid that cannot be halved stays.

    Args:
        grid: of the source.
        target: the requested tempo; None: any.
        stated: whether a file states its tempo, which then must be 1.6 times too slow or too fast
            to count as an octave off, rather than as a request to change it.
    """
    if target is None:
        return grid
    least = _STATED_OCTAVE if stated else _DETECTED_OCTAVE
    times = octave_towards(grid.bpm, target, least=least)
    bars, bpm = grid.bars * Fraction(2) ** times, float(grid.bpm * Fraction(2) ** times)
    if not times or not LOWEST_BPM <= bpm <= HIGHEST_BPM:
        return grid
    meter = grid.meter
    if bars == Fraction(1, 2) and meter == Meter():
        bars, meter = Fraction(1), HALF_BAR
    if bars.denominator != 1:
        return grid
    return LoopGrid(
        bpm=bpm, meter=meter, bars=int(bars), rate=grid.rate, length_frames=grid.length_frames
    )


def fitted_grid(grid: LoopGrid, bpm: float) -> LoopGrid:
    """Return the grid that a loop has once it is brought to a tempo.

    One that would be stretched too far is heard in half or double time instead: 4 bars at 90 BPM
    are 8 bars at 168.8, which is as if it had 4 bars at 84.4.
    """
    near = folded(grid, bpm, stated=True)
    return msgspec.structs.replace(near, bpm=bpm, length_frames=None)
