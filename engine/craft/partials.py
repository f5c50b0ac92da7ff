"""The steady partials of a take, from which pitches, key and tuning are detected.

They are the peaks of a long spectrum, so noise and drums count little; the tuning is the circular
mean of the peaks' distances to the semitones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.craft.features import ANALYSIS_RATE, LONG_WINDOW, Floats

_LOWEST_HZ, _HIGHEST_HZ = 50.0, 2_000.0
_STANDING_OUT = 2.5
_FALSE_OVERTONES = (5, 7)

Places = NDArray[np.int_]


class Partials(NamedTuple):
    """Prominent partials in consecutive windows of equal length.

    Attributes:
        hertz: the frequency of each.
        strength: the strength of each.
        own_strength: the strength beyond what overtones explain.
        windows: the window of each.
        window_count: how many windows there are.
    """

    hertz: Floats
    strength: Floats
    own_strength: Floats
    windows: Places
    window_count: int


class _Peaks(NamedTuple):
    """Where a spectrum has steady peaks: `part` is what was looked at, from bin `low` - 1 on."""

    part: Floats
    low: int
    rows: Places
    columns: Places

    @property
    def inner(self) -> Floats:
        """What was looked at, without the bins at its edges."""
        return self.part[:, 1:-1]

    @property
    def share(self) -> float:
        """Their share of the energy, 0..1."""
        if not len(self.rows):
            return 0.0
        magnitude = self.inner[self.rows, self.columns]
        peak_power = float(np.sum(magnitude**2)) * 1.5 + 1e-12
        return min(1.0, peak_power / (float(np.sum(self.inner**2)) + 1e-12))


def steady_share(spectrum: Floats) -> float:
    """Return how much of the energy of a spectrum is in steady partials, 0..1."""
    return _peaks(spectrum).share


def _peaks(spectrum: Floats) -> _Peaks:
    bins = np.fft.rfftfreq(LONG_WINDOW, 1 / ANALYSIS_RATE)
    low, high = np.searchsorted(bins, (_LOWEST_HZ, _HIGHEST_HZ))
    part = spectrum[:, low - 1 : high + 1]
    inner = part[:, 1:-1]
    width = 24
    padded = np.pad(inner, ((0, 0), (width, width)), mode="reflect")
    total = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    around = (total[:, 2 * width + 1 :] - total[:, : -2 * width - 1]) / (2 * width + 1)
    is_peak = (inner > part[:, :-2]) & (inner >= part[:, 2:]) & (inner > _STANDING_OUT * around)
    return _Peaks(part, int(low), *np.nonzero(is_peak))


def steady_partials(spectrum: Floats) -> tuple[Partials, float]:
    """Return the steady partials, and their share of the energy."""
    found = _peaks(spectrum)
    part, low, rows, columns = found
    if not len(rows):
        none = np.zeros(0)
        return Partials(none, none, none, rows, len(spectrum)), 0.0
    left, middle, right = (np.log(part[rows, columns + k] + 1e-12) for k in range(3))
    bend = left - 2 * middle + right
    offset: Floats = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    places: Floats = offset + (low + columns)
    magnitude: Floats = found.inner[rows, columns]
    own: Floats = magnitude - _overtones(spectrum.shape, rows, low + columns, places, magnitude)
    hertz = places * (ANALYSIS_RATE / LONG_WINDOW)
    own_strength = np.sqrt(np.maximum(own, 0.0))
    return Partials(hertz, np.sqrt(magnitude), own_strength, rows, len(spectrum)), found.share


def _overtones(
    shape: tuple[int, ...],
    rows: Places,
    bins: Places,
    places: Floats,
    magnitude: Floats,
) -> Floats:
    """Return how strong each partial may be as the fifth or seventh overtone of a lower partial.

    Only these add notes other than the octave and the fifth: the fifth makes every bass line sound
    major.
    """
    there = np.zeros(shape)
    there[rows, bins] = magnitude
    near = np.maximum(there, np.maximum(np.roll(there, 1, axis=1), np.roll(there, -1, axis=1)))
    loudest = np.zeros(len(places))
    for times in _FALSE_OVERTONES:
        lower = np.rint(places / times).astype(int)
        loudest = np.maximum(loudest, near[rows, lower])
    return loudest


def tuning_of(partials: Partials) -> float:
    """Return how far the partials are above the semitones of A = 440 Hz, -0.5..0.5."""
    midi = 69 + 12 * np.log2(partials.hertz / 440)
    turning = np.sum(partials.strength * np.exp(2j * np.pi * midi))
    sure = float(np.abs(turning) / partials.strength.sum())
    return float(np.angle(turning) / (2 * np.pi)) if sure >= 0.3 else 0.0
