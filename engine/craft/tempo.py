"""Tempo detection.

Candidates are the peaks of autocorrelation times Fourier magnitude of the onset strength, because
one errs towards slower and the other towards faster multiples (Peeters, "Time Variable Tempo
Detection and Beat Marking", ICMC 2005), and their usual multiples. A small trained net decides
which of them is the beat, as Percival & Tzanetakis ("Streamlined Tempo Estimation Based on
Autocorrelation and Cross-correlation With Pulses", IEEE TASLP 22, 2014) and Schreiber & Müller ("A
Post-Processing Procedure for Improving Music Tempo Estimates Using Supervised Learning", ISMIR
2017) do for octaves. Its inputs are, in three bands and all together, how similar the onsets are at
multiples and parts of a beat, which does not depend on the tempo itself; the tempo; and whether the
take lasts whole beats or bars, as a loop does. docs/craft.md reports the accuracy.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from engine.craft.candidate_nets import likelihoods
from engine.craft.features import BAND_GROUPS, HOPS_PER_S, Features, Floats, grouped

SLOWEST_BPM, FASTEST_BPM = 40.0, 250.0
DIVISIONS = (1, 2, 4, 8)
"""The divisions of a beat that are expected to repeat with it."""
_FINE_SIZE = 2**17
_MOST_HOPS = _FINE_SIZE
_PEAKS = 6
_MULTIPLES = (1.0, 2.0, 1 / 2, 3.0, 1 / 3, 3 / 2, 2 / 3, 4 / 3, 3 / 4)
_SAME = 0.008
_GROUPS = (*BAND_GROUPS, (0, 24))
_ALL = 3
_LAGS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 3 / 2, 2, 3, 4, 6, 8, 16)
_WAVES = (1 / 4, 1 / 2, 1, 3 / 2, 2, 3, 4, 6, 8)
_OCTAVES = np.linspace(-1.5, 1.0, 11)
_WHOLE_BEATS = (1, 4, 8, 16)
_NEAR_BEATS = 0.05
_EXPECTED_OCTAVES = 0.45
TRUST = 1 / 2
"""The power of a likelihood that is weighed against what is expected: the net is overconfident."""


class Likely(NamedTuple):
    """A tempo in BPM, and how likely it is according to the net, 0..1."""

    bpm: float
    share: float


class Tempogram:
    """How strongly onsets repeat at each lag and at each frequency, in groups of bands."""

    def __init__(self, features: Features) -> None:
        """Analyse a take; a closed one is repeated once."""
        course = _rhythm(features)
        course = np.tile(course, (2, 1)) if features.closed else course
        course = course[:_MOST_HOPS]
        features.check()
        count = len(course)
        size = 2 ** math.ceil(math.log2(2 * count))
        power = np.abs(np.fft.rfft(course, size, axis=0)) ** 2
        most = max(1, min(count - 1, count * 5 // 6))
        correlation = np.fft.irfft(power, size, axis=0)[:most]
        correlation /= (count - np.arange(most))[:, None]
        features.check()
        windowed = course * np.hanning(count)[:, None]
        self.correlation: Floats = correlation / (correlation[0] + 1e-12)
        self.spectrum: Floats = np.abs(np.fft.rfft(windowed, _FINE_SIZE, axis=0))
        self.spectrum /= np.abs(windowed).sum(axis=0) + 1e-9
        self.silent = not course.any()
        self._check = features.check

    def alike(self, bpm: Floats, beats: float) -> Floats:
        """Return how similar the onsets are `beats` beats later, (tempos, groups)."""
        lags = 60 / bpm * HOPS_PER_S * beats
        at = np.arange(len(self.correlation))
        found = [np.interp(lags, at, column, right=0.0) for column in self.correlation.T]
        return np.stack(found, axis=-1)

    def wave(self, bpm: Floats, per_beat: float) -> Floats:
        """Return the Fourier magnitude at `per_beat` cycles per beat, (..., groups)."""
        bins = bpm / 60 * per_beat * _FINE_SIZE / HOPS_PER_S
        below = np.clip(bins.astype(int), 0, len(self.spectrum) - 2)
        share = np.clip(bins - below, 0.0, 1.0)[..., None]
        found: Floats = self.spectrum[below] * (1 - share) + self.spectrum[below + 1] * share
        return found

    def salience(self, bpm: Floats) -> Floats:
        """Return how strongly each tempo and its double and fourfold repeat."""
        by_lag = sum(np.maximum(self.alike(bpm, beats)[:, _ALL], 0.0) for beats in (1, 2, 4))
        by_wave = sum(self.wave(bpm, per_beat)[:, _ALL] for per_beat in (1, 2, 4))
        salience: Floats = np.asarray(by_lag) * np.asarray(by_wave)
        return salience

    def refined(self, bpm: Floats, most: float) -> Floats:
        """Return the tempos near rough ones at which beat and divisions are jointly strongest."""
        self._check()
        near = bpm[:, None] * (1 + np.linspace(-most, most, 401))
        strongest = sum(self.wave(near, n)[..., _ALL] ** 2 for n in DIVISIONS)
        found: Floats = near[np.arange(len(near)), np.argmax(strongest, axis=1)]
        return found

    def likely(self, length_s: float) -> list[Likely]:
        """Return the tempos that it may have if it is so long, the most likely first.

        Their likelihoods sum to 1; a silent take has no tempo.
        """
        if self.silent:
            return []
        shares = likelihoods("tempo", candidates(self, self.candidates, length_s))
        pairs = zip(self.candidates.tolist(), shares.tolist(), strict=True)
        return sorted((Likely(*pair) for pair in pairs), key=lambda each: -each.share)

    @functools.cached_property
    def candidates(self) -> Floats:
        """The tempos that the take may have."""
        bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 800)
        salience = self.salience(bpm)
        inner = salience[1:-1]
        peaks = np.flatnonzero((inner >= salience[:-2]) & (inner > salience[2:])) + 1
        peaks = peaks[np.argsort(-salience[peaks])][:_PEAKS]
        if not len(peaks):
            peaks = np.array([int(np.argmax(salience))])
        rough = np.concatenate([self.refined(bpm[peaks], 0.03) * times for times in _MULTIPLES])
        rough = rough[(rough >= SLOWEST_BPM) & (rough <= FASTEST_BPM)]
        found: list[float] = []
        for tempo in self.refined(rough, 0.012):
            if all(abs(tempo / other - 1) > _SAME for other in found):
                found.append(float(tempo))
        return np.array(found)


def candidates(tempogram: Tempogram, bpm: Floats, length_s: float) -> Floats:
    """Return the features of each tempo that a take may have, (tempos, features).

    `length_s` is how long it is, which says whether it has whole beats and bars.
    """
    alike = [tempogram.alike(bpm, beats) for beats in _LAGS]
    waves = [tempogram.wave(bpm, per_beat) for per_beat in _WAVES]
    octaves = np.log2(bpm / 120)
    places = np.exp(-0.5 * ((octaves[:, None] - _OCTAVES) / 0.2) ** 2)
    beats = length_s * bpm / 60
    doubled = 2 ** np.rint(np.log2(np.maximum(beats, 1.0)))
    wholes = [np.rint(beats / many) * many for many in _WHOLE_BEATS] + [doubled]
    near = [np.exp(-0.5 * ((beats - whole) / _NEAR_BEATS) ** 2) for whole in wholes]
    columns = [*alike, *waves, places, np.stack(near, axis=-1), octaves[:, None]]
    return np.concatenate(columns, axis=-1)


def detect_bpm(
    features: Features, expected_bpm: float | None = None, tempogram: Tempogram | None = None
) -> float:
    """Return the tempo that a listener would tap, 40 to 250 BPM; 0 for none.

    `expected_bpm` is the tempo such a listener would expect, if any; `tempogram` is that of the
    take, if it was made before.
    """
    likely = (tempogram or Tempogram(features)).likely(features.length_s)
    if not likely:
        return 0.0

    def weight(candidate: Likely) -> float:
        share = math.pow(candidate.share, TRUST)
        if expected_bpm is None:
            return share
        apart = math.log2(candidate.bpm / expected_bpm) / _EXPECTED_OCTAVES
        return share * math.exp(-0.5 * apart**2)

    found = max(likely, key=weight).bpm
    return whole_beats(features, found) if features.closed else found


def bpm_near(
    features: Features, requested_bpm: float, most: float, tempogram: Tempogram | None = None
) -> float:
    """Return the tempo of a take near the requested one.

    Args:
        features: the take.
        requested_bpm: the tempo that it should have.
        most: how far off it may be, as a share: 0.1 searches 10 % to each side.
        tempogram: that of the take, if it was made before.
    """
    tempogram = tempogram or Tempogram(features)
    if tempogram.silent:
        return requested_bpm
    if features.closed:
        return whole_beats(features, requested_bpm)
    bpm = requested_bpm * np.geomspace(1 / (1 + most), 1 + most, 161)
    prior = np.exp(-0.5 * (np.log(bpm / requested_bpm) / most) ** 2)
    rough = bpm[np.argmax(tempogram.salience(bpm) * prior)]
    return float(tempogram.refined(np.array([rough]), 0.012)[0])


def whole_beats(features: Features, bpm: float) -> float:
    """Return the tempo near `bpm` that fits a whole number of beats into the loop."""
    exact = features.length_s * bpm / 60
    counts = [n for n in (math.floor(exact), math.ceil(exact)) if n > 0]
    if len(counts) == 1 or abs(exact - round(exact)) < 0.02:
        return max(1, round(exact)) * 60 / features.length_s
    circle = np.abs(np.fft.rfft(rhythm(features.onsets[:, None], closed=True)[:, 0]))
    together = [sum(circle[n * k] for k in DIVISIONS if n * k < len(circle)) for n in counts]
    return float(counts[int(np.argmax(together))] * 60 / features.length_s)


def _rhythm(features: Features) -> Floats:
    """Return the onsets of each group of bands, slightly blurred, as no player is exact."""
    sharp = rhythm(grouped(features.rises, _GROUPS), closed=features.closed)
    reach = np.arange(-3, 4)
    blur = np.exp(-0.5 * (reach / 1.2) ** 2)
    edge = ((3, 3), (0, 0))
    padded = np.pad(sharp, edge, mode="wrap") if features.closed else np.pad(sharp, edge)
    blurred: Floats = np.zeros_like(sharp)
    for place, weight in enumerate(blur / blur.sum()):
        blurred += weight * padded[place : place + len(sharp)]
    return blurred


def rhythm(strengths: Floats, *, closed: bool) -> Floats:
    """Return onset strengths, (hops, kinds), without their slow part, which leaves the rhythm."""
    count = len(strengths)
    width = min(count, int(HOPS_PER_S * 0.5) | 1)
    if width < 3:
        return np.zeros_like(strengths)
    half = width // 2
    edge = ((half + 1, half), (0, 0))
    padded = np.pad(strengths, edge, mode="wrap" if closed else "edge")
    total = np.cumsum(padded, axis=0)
    slow = (total[width:] - total[:-width]) / width
    above: Floats = np.maximum(strengths - slow[:count], 0.0)
    centred: Floats = above - above.mean(axis=0)
    return centred
