"""Where the energy of a sound lies: low, in the middle or high, from block to block."""

import functools

import numpy as np
from numpy.typing import NDArray

from engine.loops.take import Audio

BLOCK_FRAMES = 1_024
EDGES_HZ = (200.0, 2_500.0)
"""Where the middle begins and ends: above the fundamentals of a bass, below cymbals and breath."""
WHOLE = 127
"""The share of a band that has all of the energy."""
_SILENCE = 1e-9
_AT_ONCE = 64 * BLOCK_FRAMES
"""So many frames fit into the processor's caches: all at once take twice as long."""

Shares = NDArray[np.int8]


def shares_of(audio: Audio, rate: int) -> Shares:
    """Return how the energy of each block is shared by low, middle and high: (blocks, 3), 0..127.

    Energy counts 1.5 dB more per octave, as in analysers for music, whose bass would outshine all
    else. In silence, and where samples are NaN or infinite, all three are 0.

    Args:
        audio: (frames, channels), float32; the last block may be short.
        rate: in Hz.
    """
    parts = [
        _shares_of_part(audio[begin : begin + _AT_ONCE], rate)
        for begin in range(0, len(audio), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _shares_of_part(audio: Audio, rate: int) -> Shares:
    padded = np.pad(audio, ((0, -len(audio) % BLOCK_FRAMES), (0, 0)))
    window, weights = _window(), _weights(rate)
    power = np.zeros((len(padded) // BLOCK_FRAMES, 3), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for channel in padded.T:
            spectra = np.fft.rfft(channel.reshape(-1, BLOCK_FRAMES) * window)
            power += (spectra.real**2 + spectra.imag**2) @ weights
    total = power.sum(axis=1, keepdims=True)
    is_heard = np.isfinite(total) & (total > _SILENCE)
    parts = np.divide(power, total, out=np.zeros_like(power), where=is_heard)
    shares: Shares = np.rint(parts * WHOLE).astype(np.int8)
    return shares


@functools.cache
def _window() -> NDArray[np.float32]:
    return np.hanning(BLOCK_FRAMES).astype(np.float32)


@functools.cache
def _weights(rate: int) -> NDArray[np.float32]:
    """Return how much each frequency of a block counts for each band: (frequencies, 3)."""
    hz = np.fft.rfftfreq(BLOCK_FRAMES, 1 / rate)
    bands = np.searchsorted(EDGES_HZ, hz, side="right")
    weights: NDArray[np.float32] = (np.eye(3)[bands] * np.sqrt(hz / EDGES_HZ[1])[:, None]).astype(
        np.float32
    )
    return weights
