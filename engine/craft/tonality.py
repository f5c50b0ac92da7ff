"""Key and tuning of a take.

Pitch classes are summed from the peaks of a long spectrum, so that noise and drums weigh little;
their tuning is the circular mean of the peaks' distances to the semitones. Which of the 24 keys it
is, is judged by a net that was taught it: it sees the pitch classes as they lie above each tonic,
so that what it learned of one key holds for all, those of the bass apart, and how well the usual
profile fits (Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, with the profiles of
Albrecht & Shanahan, "The use of large corpora to train a new type of key-finding algorithm", Music
Perception 31, 2013). Our own; docs/craft.md tells how true it is, and how that was found.
"""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.craft.choice import likelihoods
from engine.craft.hearing import HEARD_RATE, LONG_WINDOW, Floats, Heard
from engine.loops.key import Key, key_of

_LOWEST_HZ, _BASS_HZ, _HIGHEST_HZ = 50.0, 180.0, 2_000.0
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_BASS_SAY = 0.15
_STANDING_OUT = 2.5
_FALSE_OVERTONES = (5, 7)

Places = NDArray[np.int_]


class Partials(NamedTuple):
    """Partials that stand out: frequency, strength, strength beyond overtones, which window."""

    hertz: Floats
    strength: Floats
    own_strength: Floats
    windows: Places


@dataclasses.dataclass(frozen=True)
class Tonality:
    """The key of a take.

    Attributes:
        key: major or minor; None where no pitch was heard.
        confidence: 0..1, how likely the key is, less where little of the take is pitched.
        tuning_cents: how far the take lies above (or below) A = 440 Hz, -50..50.
        tonal: 0..1, the share of the energy that is in steady pitches.
    """

    key: Key | None
    confidence: float
    tuning_cents: float
    tonal: float


def find_key(heard: Heard) -> Tonality:
    """Return the key and the tuning of a take."""
    partials, tonal = _partials(heard.long_spectrum)
    if not len(partials.hertz):
        return Tonality(None, 0.0, 0.0, 0.0)
    tuning = _tuning(partials)
    likely = likelihoods("key", key_features(partials, tuning))
    best = int(np.argmax(likely))
    key = key_of(best % 12, "major" if best < 12 else "minor")
    confidence = float(likely[best]) * min(1.0, 2.0 * tonal)
    return Tonality(key, confidence, 100.0 * tuning, tonal)


def key_lesson(heard: Heard) -> tuple[Floats | None, float]:
    """Return the features of the 24 keys of a take, (24, features), and its tuning in semitones.

    There are no features where nothing sounds.
    """
    partials, _ = _partials(heard.long_spectrum)
    if not len(partials.hertz):
        return None, 0.0
    tuning = _tuning(partials)
    return key_features(partials, tuning), tuning


def _partials(spectrum: Floats) -> tuple[Partials, float]:
    """Return the steady partials, and their share of the energy."""
    bins = np.fft.rfftfreq(LONG_WINDOW, 1 / HEARD_RATE)
    low, high = np.searchsorted(bins, (_LOWEST_HZ, _HIGHEST_HZ))
    part = spectrum[:, low - 1 : high + 1]
    inner = part[:, 1:-1]
    width = 24
    padded = np.pad(inner, ((0, 0), (width, width)), mode="reflect")
    total = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    around = (total[:, 2 * width + 1 :] - total[:, : -2 * width - 1]) / (2 * width + 1)
    is_peak = (inner > part[:, :-2]) & (inner >= part[:, 2:]) & (inner > _STANDING_OUT * around)
    rows, columns = np.nonzero(is_peak)
    if not len(rows):
        none = np.zeros(0)
        return Partials(none, none, none, rows), 0.0
    left, middle, right = (np.log(part[rows, columns + k] + 1e-12) for k in range(3))
    bend = left - 2 * middle + right
    offset = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    places = low + columns + offset
    magnitude = inner[rows, columns]
    own = magnitude - _overtones(spectrum.shape, rows, low + columns, places, magnitude)
    peak_power = float(np.sum(magnitude**2)) * 1.5 + 1e-12
    tonal = min(1.0, peak_power / (float(np.sum(inner**2)) + 1e-12))
    hertz = places * (HEARD_RATE / LONG_WINDOW)
    return Partials(hertz, np.sqrt(magnitude), np.sqrt(np.maximum(own, 0.0)), rows), tonal


def _overtones(
    shape: tuple[int, ...],
    rows: Places,
    bins: Places,
    places: Floats,
    magnitude: Floats,
) -> Floats:
    """Return how strong each partial may be as the fifth or seventh one of a lower partial.

    These alone sound other notes of the chord than the octave and the fifth: the fifth one makes
    each bass line sound major.
    """
    there = np.zeros(shape)
    there[rows, bins] = magnitude
    near = np.maximum(there, np.maximum(np.roll(there, 1, axis=1), np.roll(there, -1, axis=1)))
    loudest = np.zeros(len(places))
    for times in _FALSE_OVERTONES:
        lower = np.rint(places / times).astype(int)
        loudest = np.maximum(loudest, near[rows, lower])
    return loudest


def _tuning(partials: Partials) -> float:
    """Return how far the partials lie above the semitones of A = 440 Hz, -0.5..0.5."""
    midi = 69 + 12 * np.log2(partials.hertz / 440)
    turning = np.sum(partials.strength * np.exp(2j * np.pi * midi))
    sure = float(np.abs(turning) / partials.strength.sum())
    return float(np.angle(turning) / (2 * np.pi)) if sure >= 0.3 else 0.0


def key_features(partials: Partials, tuning: float) -> Floats:
    """Return what speaks for each of the 24 keys, majors first: (24, features).

    For each tonic the pitch classes are told from that tonic upwards, so that what is learned of
    one key holds for all; beside them the fit of the usual profile.
    """
    midi = 69 + 12 * np.log2(partials.hertz / 440) - tuning
    in_bass = partials.hertz < _BASS_HZ
    everywhere = np.ones(len(midi), bool)
    kinds = [
        _classes(midi[where], weights[where])
        for weights in (partials.strength, partials.own_strength)
        for where in (everywhere, in_bass)
    ]
    kinds.append(_presence(midi, partials))
    scores = _scores(kinds[0], kinds[1])
    told = np.stack([_standard(kind) for kind in kinds])
    by_tonic = np.stack([np.roll(told, -tonic, axis=1).ravel() for tonic in range(12)])
    size = by_tonic.shape[1]
    features = np.zeros((24, 2 * size + 1))
    features[:12, :size] = by_tonic
    features[12:, size:-1] = by_tonic
    features[:, -1] = scores
    return features


def _presence(midi: Floats, partials: Partials) -> Floats:
    """Return in which share of the windows each pitch class sounds clearly."""
    windows = int(partials.windows.max()) + 1
    weights = np.zeros((windows, 12))
    nearest = np.rint(midi).astype(int) % 12
    np.add.at(weights, (partials.windows, nearest), partials.own_strength)
    clear = weights > 0.3 * weights.max(axis=1, keepdims=True) + 1e-9
    share: Floats = clear.mean(axis=0)
    return share


def _classes(midi: Floats, power: Floats) -> Floats:
    """Return the share of each pitch class, softly rounded to the semitones."""
    if not len(midi):
        return np.zeros(12)
    nearest = np.rint(midi)
    closeness = np.cos(np.pi * (midi - nearest)) ** 2
    weights = power * closeness
    classes: Floats = np.bincount(nearest.astype(int) % 12, weights, 12).astype(np.float64)
    return classes / max(float(classes.sum()), 1e-12)


def _scores(everything: Floats, bass: Floats) -> Floats:
    """Return the fit of the 24 keys, majors first."""
    fits = _profiles() @ _standard(everything)
    if bass.any():
        low = _standard(bass)
        fits = fits + _BASS_SAY * np.tile(low + 0.3 * np.roll(low, -7), 2) / np.sqrt(12)
    return np.asarray(fits)


@functools.cache
def _profiles() -> Floats:
    rows = [np.roll(_standard(np.array(p)), n) for p in (_MAJOR, _MINOR) for n in range(12)]
    return np.array(rows) / 12


def _standard(values: Floats) -> Floats:
    standard: Floats = (values - values.mean()) / (values.std() + 1e-12)
    return standard
