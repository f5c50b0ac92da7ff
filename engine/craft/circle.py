"""Filters and resampling on a circle: a loop has no edges, so no padding is needed.

A whole loop is one period, so its Fourier series is exact: changing its length is resampling with
an ideal low-pass, and a filter is a gain for each partial.
"""

import numpy as np

from engine.loops.cancel import Check, no_check
from engine.loops.take import Audio

_RUMBLE_HZ = 20.0


def resample_circular(audio: Audio, frames: int, check: Check = no_check) -> Audio:
    """Return a loop resampled to another number of frames."""
    if frames == len(audio):
        return audio
    partials = np.fft.rfft(audio, axis=0)[: frames // 2 + 1].copy()
    check()
    if frames > len(audio) and len(audio) % 2 == 0:
        partials[-1] = partials[-1].real * 0.5  # the partial at half the rate stands for two
    if frames < len(audio) and frames % 2 == 0:
        partials[-1] = 0  # at half the new rate a partial has no phase
    longer = np.fft.irfft(partials, frames, axis=0) * (frames / len(audio))
    return np.ascontiguousarray(longer, dtype=np.float32)


def low_passed(audio: Audio, rate: int, hertz: float) -> Audio:
    """Return what is below a frequency in a loop: -6 dB at it, -48 dB an octave above it."""
    partials = np.fft.rfft(audio, axis=0)
    ratio = np.arange(len(partials)) * (rate / len(audio) / hertz)
    partials *= (1 / (1 + ratio**8))[:, None].astype(np.float32)
    return np.ascontiguousarray(np.fft.irfft(partials, len(audio), axis=0), dtype=np.float32)


def rumble_removed(audio: Audio, rate: int, check: Check = no_check) -> Audio:
    """Return a loop without infrasound, below 20 Hz, and without DC offset."""
    partials = np.fft.rfft(audio, axis=0)
    check()
    hertz = np.arange(len(partials)) * (rate / len(audio))
    low = hertz < 2 * _RUMBLE_HZ
    # A zero-phase Butterworth curve of the fourth order.
    ratio = np.maximum(hertz[low], 1e-9) / _RUMBLE_HZ
    partials[low] *= (1 / np.sqrt(1 + ratio**-8.0))[:, None].astype(np.float32)
    partials[0] = 0
    return np.ascontiguousarray(np.fft.irfft(partials, len(audio), axis=0), dtype=np.float32)
