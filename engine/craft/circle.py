"""Filters on a circle: a loop has no edges, so no padding is needed.

A whole loop is one period, so its Fourier series is exact: a filter is a gain for each partial.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.loops.cancel import Check, no_check
from engine.loops.filters import fast_length
from engine.loops.take import Audio

_RUMBLE_HZ, _RUMBLE_REACH_S, _RUMBLE_RATE = 20.0, 1.0, 1_500
Floats = NDArray[np.floating]


def low_passed(audio: Audio, rate: int, hertz: float) -> Audio:
    """Return what is below a frequency in a loop: -6 dB at it, -48 dB an octave above it."""
    return _low_part(
        audio, rate, lambda found: 1 / (1 + _to_8(found / hertz)), 6 * hertz, 100 / hertz
    )


def rumble_removed(audio: Audio, rate: int, check: Check = no_check) -> Audio:
    """Return a loop without infrasound, below 20 Hz, and without DC offset."""
    check()

    def removed(hertz: Floats) -> Floats:
        # What a zero-phase Butterworth curve of the fourth order does not let through.
        return 1 - 1 / np.sqrt(1 + _to_8(_RUMBLE_HZ / np.maximum(hertz, 1e-9)))

    return audio - _low_part(audio, rate, removed, _RUMBLE_RATE, _RUMBLE_REACH_S)


def _low_part(
    audio: Audio, rate: int, gain: Callable[[Floats], Floats], low_rate: float, reach_s: float
) -> Audio:
    """Return a low part of a loop, without phase; it is found at a low rate, where this is quick.

    The loop goes on for a while at both ends, to a length whose Fourier transform is fast: that of
    the loop itself may have large prime factors.

    Args:
        audio: (frames, channels).
        rate: in Hz.
        gain: at frequencies in Hz; nearly 0 from a third of the low rate on.
        low_rate: in Hz.
        reach_s: how far the filter reaches in either direction.
    """
    import soxr

    frames, reach, step = len(audio), round(reach_s * rate), max(1, int(rate / low_rate))
    size = fast_length(-(-(frames + 2 * reach) // step))
    ends = ((reach, size * step - frames - reach), (0, 0))
    few = soxr.resample(np.pad(audio, ends, mode="wrap"), step, 1, quality="MQ")
    gains = gain(np.arange(size // 2 + 1) * (rate / step / size)).astype(np.float32)
    low = np.empty_like(few)
    for channel in range(audio.shape[1]):  # numpy is slow along the other axis
        bins = np.fft.rfft(np.ascontiguousarray(few[:, channel]), size)
        low[:, channel] = np.fft.irfft(bins * gains, size)
    made: Audio = soxr.resample(low, 1, step, quality="MQ")[reach : reach + frames]
    return made


def _to_8(values: Floats) -> Floats:
    return np.square(np.square(np.square(values)))  # a power takes ten times as long
