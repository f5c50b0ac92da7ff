"""Cuts a part out of a clip so that it ends without a click."""

import numpy as np

from engine.loops.take import Audio


def cut_out(whole: Audio, first: int, last: int, join_frames: int, *, loops: bool) -> Audio:
    """Return part of a clip, with a new ending.

    A loop crossfades into what comes before the part's start, so that it repeats smoothly; a
    one-shot fades to silence.

    Args:
        whole: the clip, (frames, channels), float32.
        first: the first frame of the part.
        last: the frame after its last; at least one more.
        join_frames: the length of the new ending; at most a quarter of the part is used.
        loops: whether it is a loop.
    """
    part = whole[first:last].copy()
    frames = min(join_frames, len(part) // 4)
    if frames == 0:
        return part
    rising = np.linspace(0, 1, frames, dtype=np.float32).reshape(-1, 1)
    tail = part[-frames:]
    tail *= 1 - rising
    if loops:
        before = whole.take(np.arange(first - frames, first), 0, mode="wrap")
        tail += rising * before
    return part
