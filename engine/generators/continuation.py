"""A continuation: the source's own samples, followed by what the model plays after them."""

import dataclasses

import numpy as np

from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

_SETTLING_S = 0.01


def appended(source: Audio, take: Take, grid: LoopGrid) -> Take:
    """Return a take that is the source, bit for bit, and continues with the model's take.

    A codec does not reproduce the source exactly, so the join would click: the appended audio
    starts at the source's last sample and settles to the model's own level within 10 ms.

    Args:
        source: (frames, channels) at the rate of the grid, shorter than the grid.
        take: the model's take, including the part that repeats the source, at any rate.
        grid: gives the length of the result.
    """
    import soxr

    made = take.audio if take.rate == grid.rate else soxr.resample(take.audio, take.rate, grid.rate)
    made = _with_channels(np.asarray(made, np.float32), source.shape[1])
    new = made[len(source) : grid.frames].copy()
    new = np.pad(new, ((0, grid.frames - len(source) - len(new)), (0, 0)))
    settling = min(len(new), round(_SETTLING_S * grid.rate))
    fall = np.linspace(1.0, 0.0, settling, endpoint=False, dtype=np.float32)[:, None]
    new[:settling] += (source[-1] - made[len(source) - 1]) * fall
    audio = np.concatenate([source, np.clip(new, -1.0, 1.0)]).astype(np.float32)
    return dataclasses.replace(take, audio=audio, rate=grid.rate, exact=True, joins=())


def _with_channels(audio: Audio, channels: int) -> Audio:
    if audio.shape[1] == channels:
        return audio
    if channels == 1:
        return audio.mean(axis=1, keepdims=True)
    return np.repeat(audio, channels, axis=1)
