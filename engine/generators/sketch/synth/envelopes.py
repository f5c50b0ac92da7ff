"""Envelopes: how loud, how bright and how high a note is over its life."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Adsr:
    """Attack, decay, sustain and release; times in seconds, the sustain level 0..1.

    Decay and release are time constants of exponentials; the release is cut after seven of them,
    below -60 dB.
    """

    attack_s: float = 0.004
    decay_s: float = 0.3
    sustain: float = 0.6
    release_s: float = 0.08

    def total_frames(self, held_frames: int, rate: int) -> int:
        """Return the length of a note that is held for `held_frames`, its release included."""
        return held_frames + int(7 * self.release_s * rate) + 1

    def shape(self, held_frames: int, rate: int) -> Float:
        """Return the envelope of a note, 0..1, float32, `total_frames` long."""
        time = np.arange(self.total_frames(held_frames, rate), dtype=np.float32) / np.float32(rate)
        rise = np.minimum(time / max(self.attack_s, 1e-4), 1.0)
        since_peak = np.maximum(time - self.attack_s, 0.0)
        fall = self.sustain + (1 - self.sustain) * decay(since_peak, self.decay_s)
        level = rise * fall
        level[held_frames:] = level[held_frames - 1] * decay(
            time[held_frames:] - time[held_frames], self.release_s
        )
        tail = min(len(level), int(0.003 * rate))
        level[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
        return level


def decay(time: Float, constant_s: float) -> Float:
    """Return exp(-time / constant)."""
    return np.exp(time * np.float32(-1.0 / max(constant_s, 1e-4)))
