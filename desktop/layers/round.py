"""The time of the layers: which bars they play in, and how loops fill one round of them.

A round is as long as the longest loop, in whole bars; shorter loops repeat. A loop that does not
divide the round is cut at its end, where all begin again.
"""

import dataclasses
import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter, exact_bpm
from playback.clip_audio import ClipAudio
from playback.layer_voices import Layer, LayerSet

_CUT_S = 0.005


@dataclasses.dataclass(frozen=True)
class Round:
    """One round of the layers.

    Attributes:
        bpm: the tempo that all of them have.
        meter: the meter of its bars.
        bars: its length.
    """

    bpm: float
    meter: Meter
    bars: int

    @classmethod
    def of(cls, grids: Mapping[int, LoopGrid], bpm: float, meter: Meter) -> "Round":
        """Return the round of loops, by place.

        Loops of one meter give it its bars; otherwise these are those of `meter`, the session's.
        """
        meters = {grid.meter for grid in grids.values()}
        meter = meters.pop() if len(meters) == 1 else meter
        empty = cls(bpm, meter, 1)
        return cls(bpm, meter, max([1, *(math.ceil(empty.bars_of(g)) for g in grids.values())]))

    def bars_of(self, grid: LoopGrid) -> Fraction:
        """Return how many bars of the round a loop fills."""
        quarters = grid.quarters * exact_bpm(self.bpm) / exact_bpm(grid.bpm)
        return quarters / self.meter.bar_quarters

    def repeats_of(self, grid: LoopGrid) -> Fraction:
        """Return how often a loop plays within the round."""
        return self.bars / self.bars_of(grid)

    def bar_frames(self, rate: int) -> Fraction:
        """Return the exact length of a bar at a rate."""
        return self.meter.bar_quarters * 60 * rate / exact_bpm(self.bpm)

    def layer(self, clip: ClipAudio, grid: LoopGrid, gain: float) -> Layer:
        """Return a loop as a layer of this round, at the clip's rate."""
        frames, repeats = round(self.bars * self.bar_frames(clip.rate)), self.repeats_of(grid)
        if repeats.denominator == 1:
            return Layer.repeated(clip.audio, int(repeats), frames, gain)
        return Layer.repeated(_cut(clip.audio, frames, round(_CUT_S * clip.rate)), 1, frames, gain)

    def layers(self, layers: Mapping[int, Layer], rate: int) -> LayerSet:
        """Return layers as what plays together."""
        return LayerSet(
            layers=layers, bars=self.bars, bar_frames=float(self.bar_frames(rate)),
            beats=self.meter.numerator,
        )  # fmt: skip


def _cut(audio: Audio, frames: int, fade: int) -> Audio:
    """Return a loop repeated and cut, with its end faded out."""
    cut = audio.take(np.arange(frames), 0, mode="wrap")
    fade = min(fade, frames)
    cut[frames - fade :] *= np.linspace(1, 0, fade, dtype=np.float32).reshape(-1, 1)
    return cut
