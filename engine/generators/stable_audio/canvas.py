"""A loop laid out for the model: once, with some of what comes before and after it on the circle.

Latents are 93 ms long, so a loop is hardly ever a whole number of them. What is made from a source
must keep its time: the loop begins at a fixed sample of the canvas, what lies around it is the loop
again, and the sound is cut back to the loop's own samples. Before the cut, the end is faded into
what comes before the beginning, so that it leads there.
"""

import dataclasses
import math

import numpy as np
import torch

from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

_UNIT = 441
"""Samples that are 10 ms, and a whole number of frames at every rate that a loop may have."""
_MARGIN_LATENTS = 11
"""How much of the loop is seen beyond each end: about a second."""
_FADE_S = 0.04


@dataclasses.dataclass(frozen=True)
class Canvas:
    """Where a loop lies.

    Attributes:
        grid: of the loop.
        rate: of the model, in Hz.
        hop: samples in a latent.
    """

    grid: LoopGrid
    rate: int
    hop: int

    @property
    def begin(self) -> int:
        """The sample at which the loop begins; also a whole number of frames of the grid."""
        return _MARGIN_LATENTS * self.hop // _UNIT * _UNIT

    @property
    def samples(self) -> int:
        """The samples of the loop at the model's rate."""
        return round(self.grid.length_s * self.rate)

    @property
    def latents(self) -> int:
        """The length of the canvas."""
        return math.ceil((self.begin + self.samples) / self.hop) + _MARGIN_LATENTS

    def laid_out(self, audio: Audio, channels: int) -> torch.Tensor:
        """Return a loop of the grid on the canvas: (channels, samples) at the model's rate.

        Args:
            audio: the loop, (frames, 1 or 2) at the rate of the grid.
            channels: of the model.
        """
        import soxr

        spare = 100 * _UNIT  # So that the filter of the resampling sees no edge.
        first = -_frames(self.begin + spare, self.rate, self.grid.rate)
        frames = math.ceil((self.latents * self.hop + 2 * spare) * self.grid.rate / self.rate)
        around = audio[np.arange(first, first + frames) % len(audio)]
        if self.grid.rate != self.rate:
            around = soxr.resample(around, self.grid.rate, self.rate)
        laid = around[spare : spare + self.latents * self.hop].T
        found = torch.from_numpy(np.ascontiguousarray(laid, dtype=np.float32))
        return found.mean(dim=0, keepdim=True) if channels == 1 else found.expand(channels, -1)

    def mask(self, new: list[tuple[float, float]]) -> torch.Tensor:
        """Return 0 for each latent in which something new is made, else 1: (latents,) float32.

        Args:
            new: what to make, as parts of the loop from 0 to 1: beginning and end.
        """
        around = torch.arange(self.latents * self.hop)
        places = ((around - self.begin) % self.samples) / self.samples
        made = torch.zeros(len(around), dtype=torch.bool)
        for begin, end in new:
            made |= (places >= begin) & (places < end)
        return (~made.view(self.latents, self.hop).any(dim=1)).float()

    def cut(self, sound: torch.Tensor) -> Audio:
        """Return the loop of a decoded canvas, exact on the grid: (frames, channels).

        Args:
            sound: (channels, samples) at the model's rate.
        """
        import soxr

        audio = sound.T.numpy()
        if self.grid.rate != self.rate:
            audio = soxr.resample(audio, self.rate, self.grid.rate)
        begin, frames = _frames(self.begin, self.rate, self.grid.rate), self.grid.frames
        loop = audio[begin : begin + frames].copy()
        fade = min(round(_FADE_S * self.grid.rate), frames // 4)
        rise = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)[:, None]
        loop[-fade:] += rise * (audio[begin - fade : begin] - loop[-fade:])
        return np.ascontiguousarray(np.clip(loop, -1.0, 1.0), dtype=np.float32)


def _frames(samples: int, rate: int, other: int) -> int:
    return samples // _UNIT * (_UNIT * other // rate)
