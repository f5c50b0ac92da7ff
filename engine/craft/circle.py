"""Filters on a circle: a loop has no edges, so no padding is needed.

A whole loop is one period, so its Fourier series is exact: a filter is a gain for each partial.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.loops.cancel import Check, no_check
from engine.loops.filters import fast_length
from engine.loops.take import Audio

_RUMBLE_HZ, _RUMBLE_REACH_S = 20.0, 1.0
Floats = NDArray[np.floating]


def low_passed(audio: Audio, rate: int, hertz: float) -> Audio:
    """Return what is below a frequency in a loop: -6 dB at it, -48 dB an octave above it."""
    return _filtered(audio, rate, lambda found: 1 / (1 + _to_8(found / hertz)), 100 / hertz)


def rumble_removed(audio: Audio, rate: int, check: Check = no_check) -> Audio:
    """Return a loop without infrasound, below 20 Hz, and without DC offset."""
    audio = audio - audio.mean(axis=0, dtype=np.float64).astype(np.float32)
    check()

    def gain(hertz: Floats) -> Floats:
        # A zero-phase Butterworth curve of the fourth order.
        return 1 / np.sqrt(1 + _to_8(_RUMBLE_HZ / np.maximum(hertz, 1e-9)))

    return _filtered(audio, rate, gain, _RUMBLE_REACH_S)


def _filtered(audio: Audio, rate: int, gain: Callable[[Floats], Floats], reach_s: float) -> Audio:
    """Return a loop through a filter without phase.

    The loop goes on for a while at both ends, to a length whose Fourier transform is fast: that of
    the loop itself may have large prime factors.

    Args:
        audio: (frames, channels).
        rate: in Hz.
        gain: at frequencies in Hz.
        reach_s: how far the filter reaches in either direction.
    """
    frames, reach = len(audio), round(reach_s * rate)
    size = fast_length(frames + 2 * reach)
    places = np.arange(-reach, size - reach) % frames
    gains = gain(np.arange(size // 2 + 1) * (rate / size)).astype(np.float32)
    made = np.empty(audio.shape, np.float32)
    for channel in range(audio.shape[1]):  # numpy is slow along the other axis
        bins = np.fft.rfft(np.ascontiguousarray(audio[:, channel])[places])
        bins *= gains
        made[:, channel] = np.fft.irfft(bins, size)[reach : reach + frames]
    return made


def _to_8(values: Floats) -> Floats:
    return np.square(np.square(np.square(values)))  # a power takes ten times as long
