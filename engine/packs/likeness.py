"""How alike two loops are, so that a pack has none twice.

A loop is described by the level of 60 bands, semitones from 110 Hz to 1.7 kHz and wider ones around
them, at 64 places of it, each as the difference from the mean of its band. Two are compared by
correlation, rotated against each other by every sixteenth of their length. docs/packs.md has what
was measured for copies of a loop, and for loops of one prompt with other seeds.
"""

import numpy as np
from numpy.typing import NDArray

from engine.loops.take import Audio

NEAR_DUPLICATE = 0.93
"""The likeness from which two loops of the same length are near-duplicates."""
_PLACES, _STEPS = 64, 16
_WINDOWS_PER_PLACE = 2
_WINDOW = 8192
_WINDOW_RATE = 48_000
_FLOOR_DB = -40.0
_SEMITONES = 110 * 2 ** ((np.arange(49) - 0.5) / 12)
_EDGES_HZ = np.array([40, 60, 85, *_SEMITONES, 2200, 3000, 4200, 6000, 8500, 12_000])

Fingerprint = NDArray[np.float32]
"""Of length 1, (64 places, bands)."""


def fingerprint(audio: Audio, rate: int) -> Fingerprint:
    """Return the fingerprint of a loop.

    Args:
        audio: (frames, channels), at least one frame.
        rate: in Hz.
    """
    window = _WINDOW * rate // _WINDOW_RATE
    mono = audio.mean(axis=1)
    count = _PLACES * _WINDOWS_PER_PLACE
    middles = np.arange(count) * len(mono) // count
    frames = mono[(middles[:, None] + np.arange(window) - window // 2) % len(mono)]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(window).astype(np.float32), axis=1)))
    edges = np.rint(_EDGES_HZ * window / rate).astype(int)
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    places = bands.reshape(_PLACES, _WINDOWS_PER_PLACE, -1).mean(axis=1)
    share = places / max(float(places.max()), 1e-12)
    level_db = np.maximum(10 * np.log10(np.maximum(share, 1e-12)), _FLOOR_DB)
    made: Fingerprint = (level_db - level_db.mean(axis=0)).astype(np.float32)
    made /= np.float32(max(float(np.linalg.norm(made)), 1e-9))
    return made


def likeness(one: Fingerprint, others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how alike a fingerprint and each of others, (count, places, bands), are: -1..1."""
    turned = np.stack([np.roll(one, step * _PLACES // _STEPS, axis=0) for step in range(_STEPS)])
    alike = others.reshape(len(others), -1) @ turned.reshape(_STEPS, -1).T
    best: NDArray[np.float32] = alike.max(axis=1)
    return best
