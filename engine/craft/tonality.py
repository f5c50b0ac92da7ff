"""Key and tuning of a take.

Pitch classes are summed from the peaks of a long spectrum, so that noise and drums weigh little;
their tuning is the circular mean of the peaks' distances to the semitones. The key is the one
whose profile fits best (Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, with the
profiles of Albrecht & Shanahan, "The use of large corpora to train a new type of key-finding
algorithm", Music Perception 31, 2013), the bass having a small say in the tonic. Our own;
docs/craft.md tells how true it is, and how that was found.
"""

import dataclasses
import functools

import numpy as np

from engine.craft.hearing import HEARD_RATE, LONG_WINDOW, Floats, Heard
from engine.loops.key import Key, key_of

_LOWEST_HZ, _BASS_HZ, _HIGHEST_HZ = 50.0, 180.0, 2_000.0
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_BASS_SAY = 0.15
_STANDING_OUT = 2.5


@dataclasses.dataclass(frozen=True)
class Tonality:
    """The key of a take.

    Attributes:
        key: major or minor; None where no pitch was heard.
        confidence: 0..1, how far it stands out from the next best that shares fewer notes.
        tuning_cents: how far the take lies above (or below) A = 440 Hz, -50..50.
        tonal: 0..1, the share of the energy that is in steady pitches.
    """

    key: Key | None
    confidence: float
    tuning_cents: float
    tonal: float


def find_key(heard: Heard) -> Tonality:
    """Return the key and the tuning of a take."""
    hertz, power, tonal = _peaks(heard.long_spectrum)
    if not len(hertz):
        return Tonality(None, 0.0, 0.0, 0.0)
    midi = 69 + 12 * np.log2(hertz / 440)
    turning = np.sum(power * np.exp(2j * np.pi * midi))
    tuning = float(np.angle(turning) / (2 * np.pi))
    sure_of_tuning = float(np.abs(turning) / power.sum())
    if sure_of_tuning < 0.3:
        tuning = 0.0
    everything = _classes(midi - tuning, power)
    in_bass = hertz < _BASS_HZ
    bass = _classes(midi[in_bass] - tuning, power[in_bass])
    scores = _scores(everything, bass)
    best = int(np.argmax(scores))
    others = np.delete(scores, best)
    margin = float(scores[best] - others.max()) / 0.15
    key = key_of(best % 12, "major" if best < 12 else "minor")
    confidence = float(np.clip(margin, 0.0, 1.0)) * min(1.0, 2.0 * tonal)
    return Tonality(key, confidence, 100.0 * tuning, tonal)


def _peaks(spectrum: Floats) -> tuple[Floats, Floats, float]:
    """Return frequencies and strengths of steady partials, and the tonal share of the energy."""
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
        return np.zeros(0), np.zeros(0), 0.0
    left, middle, right = (np.log(part[rows, columns + k] + 1e-12) for k in range(3))
    bend = left - 2 * middle + right
    offset = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    hertz = (low + columns + offset) * (HEARD_RATE / LONG_WINDOW)
    strength = np.sqrt(inner[rows, columns])
    peak_power = float(np.sum(inner[rows, columns] ** 2)) * 1.5 + 1e-12
    tonal = min(1.0, peak_power / (float(np.sum(inner**2)) + 1e-12))
    return hertz, strength, tonal


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
