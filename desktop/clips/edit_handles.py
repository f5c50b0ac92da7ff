"""The handles of a waveform: where they are in a clip, and what a drag makes of its edits."""

from enum import Enum

import msgspec

from engine.loops.edits import Edits, bars_in
from engine.loops.tempo import LoopGrid

_DIGITS = 6
"""To how many digits the length of a fade in quarter notes is stored."""


class Handle(Enum):
    """What can be dragged."""

    FADE_IN = "fade in"
    FADE_OUT = "fade out"
    FIRST_BAR = "first bar"
    LAST_BAR = "last bar"


def kept_part(edits: Edits, grid: LoopGrid) -> tuple[float, float]:
    """Return which part of a clip remains, as shares of the whole, 0..1."""
    first, last = bars_in(edits, grid)
    return ((first - 1) / grid.bars, last / grid.bars) if grid.is_loop else (0.0, 1.0)


def place_of(handle: Handle, edits: Edits, grid: LoopGrid) -> float:
    """Return where in the clip a handle is, 0..1."""
    begin, end = kept_part(edits, grid)
    quarters = float(grid.quarters)
    fade_in = min(begin + edits.fade_in / quarters, end)
    if handle is Handle.FADE_IN:
        return fade_in
    if handle is Handle.FADE_OUT:
        return max(end - edits.fade_out / quarters, fade_in)
    return begin if handle is Handle.FIRST_BAR else end


def dragged(handle: Handle, edits: Edits, grid: LoopGrid, place: float, *, free: bool) -> Edits:
    """Return the edits after a handle was dragged to a place in the clip, 0..1.

    Fades end on a beat unless they are `free`; a trim always is whole bars.
    """
    if handle in (Handle.FIRST_BAR, Handle.LAST_BAR):
        return _trimmed(handle, edits, grid, place)
    begin, end = (share * float(grid.quarters) for share in kept_part(edits, grid))
    quarters = place * float(grid.quarters)
    if grid.is_loop and not free:
        beat = 4 / grid.meter.denominator
        quarters = round(quarters / beat) * beat
    if handle is Handle.FADE_IN:
        longest = end - begin - edits.fade_out
        return msgspec.structs.replace(edits, fade_in=_bounded(quarters - begin, longest))
    longest = end - begin - edits.fade_in
    return msgspec.structs.replace(edits, fade_out=_bounded(end - quarters, longest))


def trimmed_to(edits: Edits, grid: LoopGrid, bars: tuple[int, int]) -> Edits:
    """Return the edits with only some bars left; all of them are no trim."""
    whole = bars == (1, grid.bars)
    return msgspec.structs.replace(edits, bars=None if whole else bars)


def _trimmed(handle: Handle, edits: Edits, grid: LoopGrid, place: float) -> Edits:
    if not grid.is_loop:
        return edits
    first, last = bars_in(edits, grid)
    nearest = round(place * grid.bars)
    if handle is Handle.FIRST_BAR:
        return trimmed_to(edits, grid, (min(max(nearest + 1, 1), last), last))
    return trimmed_to(edits, grid, (first, max(min(nearest, grid.bars), first)))


def _bounded(quarters: float, longest: float) -> float:
    return round(min(max(quarters, 0.0), max(longest, 0.0)), _DIGITS)
