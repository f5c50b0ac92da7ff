"""Key and tuning detection.

A small trained net decides among the 24 keys. Its inputs are the pitch classes relative to each
tonic, so that what it learned of one key holds for all, with the bass separate; how well the usual
profile fits (Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, with the profiles of
Albrecht & Shanahan, "The use of large corpora to train a new type of key-finding algorithm", Music
Perception 31, 2013); and how the loudest note moves. For a loop that starts with its first bar, it
also gets what sounds when, because music tends to begin and rest on its tonic. docs/craft.md
reports the accuracy, and how it was measured.
"""

import dataclasses
import functools

import numpy as np

from engine.craft.attacks import is_drums
from engine.craft.candidate_nets import certainty, likelihoods
from engine.craft.features import Features, Floats
from engine.craft.partials import Partials, Places, steady_partials, tuning_of
from engine.loops.key import Key, key_of

LEAST_TONAL = 0.1
"""The share of steady pitches below which audio has no key, whatever its name says."""
_BASS_HZ = 180.0
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_BASS_SAY = 0.15
_CLEAR = 0.3
"""The strength of a clear note, relative to the strongest of its window."""
_REST = 0.05
"""The most strength of a rest, relative to the strongest of the take."""
_MOVES_SAY = 4.0
_PARTS = 8
"""The number of parts of a loop whose pitch classes are given separately."""


@dataclasses.dataclass(frozen=True)
class Tonality:
    """The key of a take.

    Attributes:
        key: major or minor; None if no pitch was detected, or only drums.
        confidence: 0..1, how often such a key is right, reduced if little of the take is pitched.
        tuning_cents: how far the take lies above (or below) A = 440 Hz, -50..50.
        tonal: 0..1, the share of the energy that is in steady pitches.
        second: the second most likely key.
        second_confidence: its confidence, 0..1.
    """

    key: Key | None
    confidence: float
    tuning_cents: float
    tonal: float
    second: Key | None = None
    second_confidence: float = 0.0


def find_key(
    features: Features, *, from_first_bar: bool = False, tonic: int | None = None
) -> Tonality:
    """Return the key and the tuning of a take.

    Args:
        features: the take.
        from_first_bar: whether it begins with the first bar of a loop.
        tonic: the pitch class of the tonic, if it is known; then only the mode is detected.
    """
    partials, tonal = steady_partials(features.long_spectrum)
    features.check()
    if not len(partials.hertz) or is_drums(features):
        return Tonality(None, 0.0, 0.0, tonal)
    tuning = tuning_of(partials)
    features.check()
    likely = likelihoods("key", key_features(partials, tuning, from_first_bar=from_first_bar))
    if _is_one_note(partials, tuning):  # It says nothing about the mode.
        likely = np.tile(likely.reshape(2, 12).mean(axis=0), 2)
    if tonic is not None:
        likely = np.where(np.arange(24) % 12 == tonic, likely, 0.0)
        likely = likely / max(float(likely.sum()), 1e-12)
    best, second = (int(place) for place in np.argsort(-likely)[:2])
    first, next_one = float(likely[best]), float(likely[second])
    sure = certainty("key", first)
    behind = (1 - sure) * next_one / max(1 - first, 1e-12)  # its share of what the first leaves
    pitched = min(1.0, 2.0 * tonal)
    return Tonality(
        _key_at(best), sure * pitched, 100.0 * tuning, tonal, _key_at(second), behind * pitched
    )


def _is_one_note(partials: Partials, tuning: float) -> bool:
    """Return whether nothing but one pitch class sounds, in any octave."""
    by_window = _by_window(_midi(partials, tuning), partials)
    return int((by_window.max(axis=0) > _CLEAR * by_window.max()).sum()) == 1


def _key_at(place: int) -> Key:
    """Return one of the 24 keys, majors first."""
    return key_of(place % 12, "major" if place < 12 else "minor")


def key_features(partials: Partials, tuning: float, *, from_first_bar: bool) -> Floats:
    """Return the features of each of the 24 keys, majors first: (24, features).

    For each tonic the pitch classes are counted from that tonic upwards, so that what is learned of
    one key holds for all; the fit of the usual profile is added.
    """
    midi = _midi(partials, tuning)
    in_bass = partials.hertz < _BASS_HZ
    everywhere = np.ones(len(midi), bool)
    kinds = [
        _classes(midi[where], weights[where])
        for weights in (partials.strength, partials.own_strength)
        for where in (everywhere, in_bass)
    ]
    by_window = _by_window(midi, partials)
    clear = by_window > _CLEAR * by_window.max(axis=1, keepdims=True) + 1e-9
    kinds.append(clear.mean(axis=0))
    vectors = [_standard(kind) for kind in kinds]
    course = _course(by_window)
    vectors += course if from_first_bar else [np.zeros(12)] * len(course)
    above = [np.roll(vectors, -tonic, axis=1).ravel() for tonic in range(12)]
    by_tonic = np.concatenate([above, _moves(by_window)], axis=1)
    size = by_tonic.shape[1]
    features = np.zeros((24, 2 * size + 1))
    features[:12, :size] = by_tonic
    features[12:, size:-1] = by_tonic
    features[:, -1] = _scores(kinds[0], kinds[1])
    return features


def _midi(partials: Partials, tuning: float) -> Floats:
    """Return the note numbers of partials, with fractions, corrected by the tuning."""
    numbers: Floats = 69 + 12 * np.log2(partials.hertz / 440) - tuning
    return numbers


def _by_window(midi: Floats, partials: Partials) -> Floats:
    """Return how strong each pitch class is in each window, (windows, 12); rests have none."""
    classes, closeness = _nearest(midi)
    strengths = np.zeros((partials.window_count, 12))
    np.add.at(strengths, (partials.windows, classes), partials.own_strength * closeness)
    strengths[strengths.max(axis=1) < _REST * strengths.max()] = 0.0  # What is left is only noise.
    return strengths


def _course(by_window: Floats) -> list[Floats]:
    """Return the pitch classes of each part of a loop, and of the first half of the first one."""
    count = len(by_window)
    edges = [(count * part // _PARTS, count * (part + 1) // _PARTS) for part in range(_PARTS)]
    edges.append((0, count // (2 * _PARTS)))
    return [_standard(by_window[begin : max(end, begin + 1)].sum(axis=0)) for begin, end in edges]


def _moves(by_window: Floats) -> Floats:
    """Return the loudest note's moves to each tonic and away from it, (12, 24).

    Both are counted from the tonic upwards.
    """
    loudest = np.argmax(by_window[by_window.any(axis=1)], axis=1)
    notes = loudest[np.diff(loudest, prepend=-1) != 0]
    moves = np.zeros((12, 12))
    np.add.at(moves, (notes[:-1], notes[1:]), _MOVES_SAY / max(1, len(notes)))
    there = [np.roll(moves[:, tonic], -tonic) for tonic in range(12)]
    back = [np.roll(moves[tonic], -tonic) for tonic in range(12)]
    return np.concatenate([there, back], axis=1)


def _classes(midi: Floats, power: Floats) -> Floats:
    """Return the share of each pitch class, softly rounded to the semitones."""
    if not len(midi):
        return np.zeros(12)
    nearest, closeness = _nearest(midi)
    classes: Floats = np.bincount(nearest, power * closeness, 12).astype(np.float64)
    return classes / max(float(classes.sum()), 1e-12)


def _nearest(midi: Floats) -> tuple[Places, Floats]:
    """Return the pitch class nearest to each partial, and how close it is, 0..1."""
    nearest = np.rint(midi)
    closeness: Floats = np.cos(np.pi * (midi - nearest)) ** 2
    return nearest.astype(int) % 12, closeness


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
