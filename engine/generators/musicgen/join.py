"""Scores each possible loop point with the model's own token loss.

A loop that begins at `start` ends one loop length later, where its beginning follows again. The
surprisal of the join is how unlikely the model finds that beginning, given the last two beats.
"""

import torch

from engine.generators.musicgen.conditions import Condition
from engine.generators.musicgen.tokens import TokenDecoder
from engine.loops.cancel import Check, no_check
from engine.loops.tempo import LoopGrid

BEATS_BEFORE, BEATS_AFTER = 2, 1


def join_surprisal(
    decoder: TokenDecoder,
    condition: Condition,
    codes: torch.Tensor,
    grid: LoopGrid,
    frames_per_second: float,
    check: Check = no_check,
) -> tuple[tuple[float, float], ...]:
    """Return pairs of a start in seconds, one for each beat, and the surprisal of its join.

    Args:
        decoder: the token decoder that made the codes.
        condition: the condition of the music.
        codes: (codebooks, frames), longer than the loop.
        grid: the loop's grid; not a one-shot's, which has no join.
        frames_per_second: of the codes.
        check: called between the layers; it may raise to end the work.
    """
    beat_s = 60 / grid.bpm
    length = round(float(grid.length_s) * frames_per_second)
    left = max(1, min(round(BEATS_BEFORE * beat_s * frames_per_second), length))
    right = max(1, min(round(BEATS_AFTER * beat_s * frames_per_second), length))
    starts = []
    beat = 0
    while (start := round(beat * beat_s * frames_per_second)) + length <= codes.shape[1]:
        starts.append((beat * beat_s, start))
        beat += 1
    if not starts:
        return ()
    ends = torch.stack([codes[:, at + length - left : at + length] for _, at in starts])
    begins = torch.stack([codes[:, at : at + right] for _, at in starts])
    found = decoder.surprisal(condition, ends, begins, check).tolist()
    return tuple((start_s, value) for (start_s, _), value in zip(starts, found, strict=True))
