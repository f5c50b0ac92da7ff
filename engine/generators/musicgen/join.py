"""Where the model itself would let the loop begin again: its own ears on each possible join.

A loop that begins at `start` ends a loop's length later, and there its beginning follows. How
unlikely the model finds that, given the last two beats, is the strangeness of the join.
"""

import torch

from engine.generators.musicgen.conditions import Condition
from engine.generators.musicgen.tokens import TokenLoop
from engine.loops.tempo import LoopGrid

BEATS_BEFORE, BEATS_BEHIND = 2, 1


def join_strangeness(
    loop: TokenLoop,
    condition: Condition,
    codes: torch.Tensor,
    grid: LoopGrid,
    frames_per_second: float,
) -> tuple[tuple[float, float], ...]:
    """Return pairs of a start in seconds, one for each beat, and the strangeness of its join.

    Args:
        loop: the decode loop that made the codes.
        condition: what the music was told.
        codes: (codebooks, frames), longer than the loop.
        grid: the loop; it is not one where there is nothing to join.
        frames_per_second: of the codes.
    """
    beat_s = 60 / grid.bpm
    length = round(float(grid.length_s) * frames_per_second)
    left = max(1, min(round(BEATS_BEFORE * beat_s * frames_per_second), length))
    right = max(1, min(round(BEATS_BEHIND * beat_s * frames_per_second), length))
    starts = []
    beat = 0
    while (start := round(beat * beat_s * frames_per_second)) + length <= codes.shape[1]:
        starts.append((beat * beat_s, start))
        beat += 1
    if not starts:
        return ()
    ends = torch.stack([codes[:, at + length - left : at + length] for _, at in starts])
    begins = torch.stack([codes[:, at : at + right] for _, at in starts])
    found = loop.strangeness(condition, ends, begins).tolist()
    return tuple((start_s, value) for (start_s, _), value in zip(starts, found, strict=True))
