"""Changes to sources that need no model: a new tempo, a new key, a blend, redone bars."""

from collections.abc import Sequence

import numpy as np

from engine.craft.join import crossfaded, likeness
from engine.craft.loudness import loudness_lufs
from engine.craft.sources import Source, fitted
from engine.loops.cancel import Check, no_check
from engine.loops.errors import LoopError
from engine.loops.key import Key
from engine.loops.recipe import Repairs
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

_REDO_FADE_S = 0.02


def semitones_between(source: Key | None, target: Key | None) -> int:
    """Return the shift from one key to another, -6..5; between modes by the relative key."""
    if source is None or target is None:
        return 0
    tonic = source.pitch_class
    if source.is_minor != target.is_minor:
        tonic += 9 if target.is_minor else 3
    return (target.pitch_class - tonic + 6) % 12 - 6


def moved(
    source: Source, grid: LoopGrid, key: Key | None, check: Check = no_check
) -> tuple[Audio, Repairs]:
    """Return a source on another grid and in another key, and what was done to it."""
    return fitted(source, grid, semitones_between(source.key, key), check)


def blended(
    one: Audio, other: Audio, grid: LoopGrid, amount: float, check: Check = no_check
) -> Audio:
    """Return a mix of two loops of one grid and key (see `moved`): amount 0 is the first alone.

    This is the beat-synchronous audio mixup of MusicLDM (Chen et al., arXiv 2308.01546, BAM) as a
    musician's tool: they mix training data with equal tempo and downbeat; here both loops are first
    matched, and made equally loud. The gains keep the power of the mix.
    """
    sides = [
        np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio for audio in (one, other)
    ]
    levels = []
    for side in sides:
        check()
        levels.append(loudness_lufs(side, grid.rate, closed=True))
    check()
    sides[1] = sides[1] * np.float32(10 ** ((levels[0] - levels[1]) / 20))
    like = max(0.0, likeness(*sides))
    gains = np.array([1.0 - amount, amount])
    gains = gains / np.sqrt(np.sum(gains**2) + 2 * like * gains.prod())
    mixed: Audio = (sides[0] * gains[0] + sides[1] * gains[1]).astype(np.float32)
    return mixed


def mixed(loops: Sequence[Audio]) -> Audio:
    """Return the sum of loops of one grid, (frames, 2), quieter where it would be clipped."""
    whole: Audio = np.sum([np.broadcast_to(loop, (len(loop), 2)) for loop in loops], axis=0)
    level: Audio = whole / max(np.float32(1.0), np.abs(whole).max())
    return level


def redone(old: Audio, new: Audio, grid: LoopGrid, bars: tuple[int, ...]) -> Audio:
    """Return a loop with some bars taken from another; the rest is untouched, bit for bit.

    The joins are 20 ms crossfades inside the redone bars, at their beginning and end.

    Args:
        old: the loop, (frames, channels) of `grid`.
        new: another one of the same shape.
        grid: their bars.
        bars: which to take from `new`, counted from 1.

    Raises:
        LoopError: the two have different shapes.
    """
    if old.shape != new.shape or len(old) != grid.frames:
        raise LoopError(
            f"Bars cannot be exchanged between loops of {old.shape} and {new.shape}: choose loops "
            "of the same length and channels."
        )
    result = old.copy()
    fade = min(round(_REDO_FADE_S * grid.rate), grid.frame_at(grid.meter.bar_quarters) // 4)
    for bar in bars:
        first = grid.frame_at((bar - 1) * grid.meter.bar_quarters)
        last = min(grid.frame_at(bar * grid.meter.bar_quarters), grid.frames)
        result[first:last] = new[first:last]
        if (bar - 2) % grid.bars + 1 not in bars:
            part = slice(first, first + fade)
            result[part] = crossfaded(old[part], new[part])
        if bar % grid.bars + 1 not in bars:
            part = slice(last - fade, last)
            result[part] = crossfaded(new[part], old[part])
    return result
