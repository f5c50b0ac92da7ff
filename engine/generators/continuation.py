"""A continuation: the source's own samples, followed by what the model plays after them."""

import dataclasses
import math

import msgspec
import numpy as np

from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

_SETTLING_S = 0.01


@dataclasses.dataclass(frozen=True)
class Continuation:
    """What follows a source, made on a canvas that begins with it and leads back to it.

    If the grid is no longer than the source, only what follows is asked for: the canvas has room
    for that and for a bar more, so that craft can cut and close it.

    Attributes:
        source: (frames, channels) at the rate of the grid.
        grid: of the result.
    """

    source: Audio
    grid: LoopGrid

    @property
    def whole(self) -> LoopGrid:
        """The grid of the canvas."""
        if self._extends:
            return self.grid
        bars = math.ceil(len(self.source) / self.grid.frames * self.grid.bars) + self.grid.bars + 1
        return msgspec.structs.replace(self.grid.unrounded, bars=bars)

    @property
    def padded(self) -> Audio:
        """The source, and silence where it is continued."""
        rest = self.whole.frames - len(self.source)
        return np.pad(self.source, ((0, rest), (0, 0))).astype(np.float32, copy=False)

    @property
    def new(self) -> tuple[float, float]:
        """Where the canvas is filled: beginning and end as parts of it, 0..1."""
        return len(self.source) / self.whole.frames, 1.0

    def taken_from(self, made: Take) -> Take:
        """Return the take of a filled canvas: the source and what follows, or that alone."""
        if self._extends:
            return appended(self.source, made, self.grid)
        audio = made.audio[len(self.source) :]
        return dataclasses.replace(made, audio=audio, closed=False, exact=False)

    @property
    def _extends(self) -> bool:
        return len(self.source) < self.grid.frames


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
