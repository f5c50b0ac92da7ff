"""A loop laid out for the model: once, with some of what comes before and after it on the circle.

Latents are 40 to 93 ms long, so a loop is hardly ever a whole number of them. What is made from a
source must keep its time: the loop begins at a fixed sample of the canvas, what lies around it is
the loop again, and the sound is cut back to the loop's own samples. Before the cut, the end is
faded into what comes before the beginning, so that it leads there.
"""

import dataclasses
import math

import numpy as np
import torch

from engine.loops.request import LoopRequest
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, bars_named

_UNITS = 100
"""A unit is 10 ms, and a whole number of frames at every rate that a loop or a model may have."""
_MARGIN_S = 1.0
"""How much of the loop is seen beyond each end."""
_FADE_S = 0.04


@dataclasses.dataclass(frozen=True)
class Canvas:
    """Where a loop lies.

    Attributes:
        grid: of the loop.
        rate: of the model, in Hz.
        hop: samples in a latent.
        least_s: the shortest canvas in seconds; the loop is repeated to fill it.
    """

    grid: LoopGrid
    rate: int
    hop: int
    least_s: float = 0.0

    @property
    def begin(self) -> int:
        """The sample at which the loop begins; also a whole number of frames of the grid."""
        unit = self.rate // _UNITS
        return self._margin * self.hop // unit * unit

    @property
    def samples(self) -> int:
        """The samples of the loop at the model's rate."""
        return round(self.grid.length_s * self.rate)

    @property
    def latents(self) -> int:
        """The length of the canvas."""
        return max(self.heard, math.ceil(self.least_s * self.rate / self.hop))

    @property
    def heard(self) -> int:
        """How many of these latents, from the first on, must be decoded to hear the loop."""
        return math.ceil((self.begin + self.samples) / self.hop) + self._margin

    @property
    def _margin(self) -> int:
        return math.ceil(_MARGIN_S * self.rate / self.hop)

    def laid_out(self, audio: Audio, channels: int) -> torch.Tensor:
        """Return a loop of the grid on the canvas: (channels, samples) at the model's rate.

        Args:
            audio: the loop, (frames, 1 or 2) at the rate of the grid.
            channels: of the model.
        """
        import soxr

        spare = self.rate  # So that the filter of the resampling sees no edge.
        first = -self._frames(self.begin + spare)
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
        begin, frames = self._frames(self.begin), self.grid.frames
        loop = audio[begin : begin + frames].copy()
        fade = min(round(_FADE_S * self.grid.rate), frames // 4)
        rise = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)[:, None]
        loop[-fade:] += rise * (audio[begin - fade : begin] - loop[-fade:])
        return np.ascontiguousarray(np.clip(loop, -1.0, 1.0), dtype=np.float32)

    def _frames(self, samples: int) -> int:
        """Return how many frames of the grid whole units of samples are."""
        return samples * self.grid.rate // self.rate


def redone_parts(request: LoopRequest, grid: LoopGrid) -> list[tuple[float, float]]:
    """Return the bars to redo as parts of the loop, 0..1."""
    named = bars_named(request.redo_bars or "", grid.bars)
    return [((bar - 1) / grid.bars, bar / grid.bars) for bar in named]
