"""What a person changes of a clip without changing its file: its gain, its fades, its bars.

Whatever plays, exports or hands over a clip applies them, through `engine.loops.edited`.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import msgspec

from engine.loops.tempo import LoopGrid

LOWEST_GAIN_DB, HIGHEST_GAIN_DB = -60.0, 24.0
_LONGEST_QUARTERS = 4_000.0
"""No clip is longer: ten minutes at the highest tempo."""

_Quarters = Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_QUARTERS)]
_Bar = Annotated[int, msgspec.Meta(ge=1)]


class Edits(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The edits of one clip; the default changes nothing.

    Attributes:
        gain_db: how much louder it is, -60..24.
        fade_in: the length of the fade at its beginning, in quarter notes, so that it is the same
            at any tempo.
        fade_out: the length of the fade at its end.
        bars: the first and the last bar that remain, counted from 1; None for all.
    """

    gain_db: Annotated[float, msgspec.Meta(ge=LOWEST_GAIN_DB, le=HIGHEST_GAIN_DB)] = 0.0
    fade_in: _Quarters = 0.0
    fade_out: _Quarters = 0.0
    bars: tuple[_Bar, _Bar] | None = None

    @classmethod
    def of_stored(cls, stored: object) -> "Edits":
        """Return the edits that a file holds; a value that cannot be used is left out."""
        if not isinstance(stored, Mapping):
            return NONE
        fields: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            if field.name in stored:
                try:
                    fields[field.name] = msgspec.convert(stored[field.name], field.type)
                except msgspec.ValidationError:
                    continue
        return cls(**fields)


NONE = Edits()


class Placed(NamedTuple):
    """Edits of a clip, in frames of its file.

    `grid` is that of what remains, `first` the frame where it begins, and `gain` its amplitude; the
    two fades never overlap.
    """

    grid: LoopGrid
    first: int
    fade_in: int
    fade_out: int
    gain: float


def bars_in(edits: Edits, grid: LoopGrid) -> tuple[int, int]:
    """Return the first and the last bar that remain of a loop; bars that it lacks do not count."""
    if edits.bars is None or not grid.is_loop:
        return 1, grid.bars
    first, last = edits.bars
    return (first, last) if first <= last <= grid.bars else (1, grid.bars)


def placed(edits: Edits, grid: LoopGrid) -> Placed:
    """Return where edits are in the file of a clip with this grid."""
    first_bar, last_bar = bars_in(edits, grid)
    count, first = last_bar - first_bar + 1, 0
    part = grid
    if grid.is_loop and count < grid.bars:
        part = msgspec.structs.replace(grid.unrounded, bars=count)
        start = grid.frame_at((first_bar - 1) * grid.meter.bar_quarters)
        first = min(start, max(grid.frames - part.frames, 0))  # rounding never leads past the end
    fade_in = min(part.frame_at(Fraction(edits.fade_in)), part.frames)
    fade_out = min(part.frame_at(Fraction(edits.fade_out)), part.frames - fade_in)
    return Placed(part, first, fade_in, fade_out, 10 ** (edits.gain_db / 20))
