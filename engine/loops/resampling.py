"""Resampling on a circle: a loop has no edges, so no padding is needed.

A whole loop is one period, so its Fourier series is exact: changing its length is resampling with
an ideal low-pass.
"""

import numpy as np

from engine.loops.cancel import Check, no_check
from engine.loops.take import Audio


def resample_circular(audio: Audio, frames: int, check: Check = no_check) -> Audio:
    """Return a loop resampled to another number of frames."""
    if frames == len(audio):
        return audio
    # numpy's takes more than twice as long where a length has large prime factors.
    from scipy.fft import irfft, rfft

    partials = rfft(audio, axis=0)[: frames // 2 + 1].copy()
    check()
    if frames > len(audio) and len(audio) % 2 == 0:
        partials[-1] = partials[-1].real * 0.5  # the partial at half the rate stands for two
    if frames < len(audio) and frames % 2 == 0:
        partials[-1] = 0  # at half the new rate a partial has no phase
    longer = irfft(partials, frames, axis=0) * (frames / len(audio))
    return np.ascontiguousarray(longer, dtype=np.float32)
