"""How many latent frames a loop needs.

A latent frame is `mel frames x samples` long, 40 ms in the published checkpoints. The UNet halves
time at each of its levels, and closes a loop exactly only if the number of latent frames is
divisible by all the halvings: 8 frames, 0.32 s. The craft step stretches the loop on its circle to
the exact length.
"""

import dataclasses
import math

from engine.loops.tempo import LoopGrid


@dataclasses.dataclass(frozen=True)
class LatentClock:
    """The time units of one model.

    Attributes:
        rate: samples per second.
        frame_samples: samples in one latent frame.
        step_frames: the number of latent frames of a loop is a multiple of this.
    """

    rate: int
    frame_samples: int
    step_frames: int

    def loop_frames(self, grid: LoopGrid) -> int:
        """Return the number of latent frames nearest to a loop of this grid."""
        step = self.step_frames * self.frame_samples
        return max(1, round(grid.length_s * self.rate / step)) * self.step_frames

    def one_shot_frames(self, grid: LoopGrid) -> int:
        """Return the number of latent frames that contain a one-shot."""
        step = self.step_frames * self.frame_samples
        return math.ceil(grid.length_s * self.rate / step) * self.step_frames

    def samples(self, grid: LoopGrid) -> int:
        """Return the exact length at the model's rate, rounded once."""
        return round(grid.length_s * self.rate)
