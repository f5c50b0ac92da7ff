"""How many latent frames a loop needs, and what is left over.

A latent frame is `mel frames x samples` long, 40 ms in the published checkpoints. The UNet halves
time at each of its levels, and closes a loop exactly where the number of latent frames divides by
all the halvings: 8 frames, 0.32 s. What remains to the exact length goes to the craft step, which
stretches the loop on its circle.
"""

import dataclasses
import math

from engine.loops.tempo import LoopGrid


@dataclasses.dataclass(frozen=True)
class LatentClock:
    """What one model's time is made of.

    Attributes:
        rate: samples per second.
        frame_samples: samples in one latent frame.
        step_frames: the number of latent frames of a loop divides by this.
    """

    rate: int
    frame_samples: int
    step_frames: int

    def loop_frames(self, grid: LoopGrid) -> int:
        """Return the number of latent frames that is nearest to a loop of this grid."""
        step = self.step_frames * self.frame_samples
        return max(1, round(grid.length_s * self.rate / step)) * self.step_frames

    def one_shot_frames(self, grid: LoopGrid) -> int:
        """Return the number of latent frames that a one-shot fits into."""
        step = self.step_frames * self.frame_samples
        return math.ceil(grid.length_s * self.rate / step) * self.step_frames

    def samples(self, grid: LoopGrid) -> int:
        """Return the exact length at the model's rate, rounded once."""
        return round(grid.length_s * self.rate)
