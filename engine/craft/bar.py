"""Downbeat detection, once the sixteenths are known.

Any sixteenth may be the first of the bar. For each, a small trained net gets the bar as it would
then be: how strong the onsets in six bands are on each sixteenth, how loud three bands are, and how
much the sound, the bass and the chords change there. The cues are those of Goto, "An audio-based
real-time beat tracking system for music with or without drum-sounds" (JNMR 30, 2001). Learning what
is typical follows Durand, Bello, David & Richard, "Robust Downbeat Tracking Using an Ensemble of
Convolutional Networks" (IEEE/ACM TASLP 25, 2017), with a far smaller net, because a loop has one
tempo and one meter. docs/craft.md reports the accuracy.
"""

import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from engine.craft.candidate_nets import likelihoods
from engine.craft.features import (
    ANALYSIS_RATE,
    BAND_GROUPS,
    HOPS_PER_S,
    LONG_HOP,
    LONG_WINDOW,
    Features,
    Floats,
    grouped,
)

STEPS_PER_BEAT = 4
_ONSET_EDGES = (0, 3, 6, 10, 15, 20, 24)
_REACH_HOPS = 4
_LOOK_SHARE = 0.9
_LOOK_BEATS = (1, 2, 4)
_BASS_HZ, _CHORD_HZ = (60.0, 250.0), (180.0, 2_000.0)


def first_sixteenth(features: Features, first_s: float, beat_s: float, steps: int) -> int:
    """Return the sixteenth after `first_s` at which the bar begins, 0 .. steps - 1.

    Args:
        features: the take.
        first_s: the time of any sixteenth near its beginning.
        beat_s: the length of a beat.
        steps: how many sixteenths the bar has, 4 or more.
    """
    rows = turns(features, first_s, beat_s, steps)
    if rows is None:
        return 0
    likely = likelihoods("bar", rows)
    if steps % STEPS_PER_BEAT:
        return int(np.argmax(likely))
    # The beat is more certain than the bar: first find the beats, then the first beat.
    by_beat = likely.reshape(-1, STEPS_PER_BEAT)
    place = int(np.argmax(by_beat.sum(axis=0)))
    return int(np.argmax(by_beat[:, place])) * STEPS_PER_BEAT + place


def turns(features: Features, first_s: float, beat_s: float, steps: int) -> Floats | None:
    """Return the bar for each possible first sixteenth, (steps, features); None if too short.

    Bars of any length are described by their first beat, their second, the mean of those between,
    and their last.
    """
    cues = _cues(features, first_s, beat_s, steps)
    if cues is None:
        return None
    turned = cues[(np.arange(steps)[None, :] + np.arange(steps)[:, None]) % steps]
    one = STEPS_PER_BEAT
    between = turned[:, 2 * one : -one] if steps >= 4 * one else turned[:, one : 2 * one]
    middle = np.zeros_like(turned[:, :one])
    for place in range(one):
        if between[:, place::one].shape[1]:
            middle[:, place] = between[:, place::one].mean(axis=1)
    beats = [turned[:, :one], turned[:, one : 2 * one], middle, turned[:, -one:]]
    rows: Floats = np.concatenate(beats, axis=1).reshape(steps, -1)
    return rows


def _cues(features: Features, first_s: float, beat_s: float, steps: int) -> Floats | None:
    """Return (steps, cues): the cues on each sixteenth of the bar, standardised."""
    step_s = beat_s / STEPS_PER_BEAT
    count = int((features.length_s - first_s) / step_s + 1e-6) // steps * steps
    if not count:
        return None
    times = np.asarray(first_s + np.arange(count) * step_s, np.float64)
    values = np.concatenate(
        [
            _onsets(features, times),
            _levels(features, times, step_s),
            _changes(features.bands, HOPS_PER_S, features.onset_hops(times), beat_s, 2)[:, None],
            _changes_of_chords(features, times, beat_s),
        ],
        axis=1,
    )
    mean = values.reshape(-1, steps, values.shape[1]).mean(axis=0)
    spread = mean.std(axis=0) + 0.05 * np.abs(mean).mean() + 1e-9
    standard: Floats = (mean - mean.mean(axis=0)) / spread
    return standard


def _onsets(features: Features, times: Floats) -> Floats:
    strengths = grouped(features.rises, itertools.pairwise(_ONSET_EDGES))
    hops = np.rint(features.onset_hops(times)).astype(int)
    around = hops[:, None] + np.arange(-_REACH_HOPS, _REACH_HOPS + 1)
    strongest: Floats = strengths[np.clip(around, 0, len(strengths) - 1)].max(axis=1)
    return strongest


def _levels(features: Features, times: Floats, step_s: float) -> Floats:
    hops = features.onset_hops(times)
    return _means(grouped(features.bands, BAND_GROUPS), hops, hops + max(2.0, step_s * HOPS_PER_S))


def _changes_of_chords(features: Features, times: Floats, beat_s: float) -> Floats:
    """Return how much bass and chords change at each time, for three lengths."""
    spectrum = np.sqrt(features.long_spectrum)
    features.check()
    per_s = ANALYSIS_RATE / LONG_HOP
    places = (times - LONG_WINDOW / 2 / ANALYSIS_RATE) * per_s
    columns = []
    for low_hz, high_hz in (_BASS_HZ, _CHORD_HZ):
        classes = spectrum @ _class_matrix(low_hz, high_hz)
        classes = classes / (float(classes.mean()) + 1e-9)
        columns += [_changes(classes, per_s, places, beat_s * beats, 1) for beats in _LOOK_BEATS]
    return np.stack(columns, axis=1)


def _changes(values: Floats, per_s: float, places: Floats, look_s: float, gap: int) -> Floats:
    """Return how much the values change at each position."""
    look = max(1.0, _LOOK_SHARE * look_s * per_s)
    after = _means(values, places + gap, places + gap + look)
    before = _means(values, places - gap - look, places - gap)
    changes: Floats = np.abs(after - before).mean(axis=1)
    return changes


def _means(values: Floats, first: Floats, last: Floats) -> Floats:
    """Return the means from each first position to each last one, clipped to the values."""
    total = np.cumsum(np.pad(values, ((1, 0), (0, 0))), axis=0)
    begin, end = (np.clip(np.rint(each), 0, len(values)).astype(int) for each in (first, last))
    means: Floats = (total[end] - total[begin]) / np.maximum(end - begin, 1)[:, None]
    return means


@functools.cache
def _class_matrix(low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return (bins of a long window, 12): how much each bin belongs to each pitch class."""
    hertz = np.fft.rfftfreq(LONG_WINDOW, 1 / ANALYSIS_RATE)
    inside = np.flatnonzero((hertz >= low_hz) & (hertz <= high_hz))
    midi = 69 + 12 * np.log2(hertz[inside] / 440)
    matrix = np.zeros((len(hertz), 12))
    nearest = np.rint(midi)
    matrix[inside, nearest.astype(int) % 12] = np.cos(np.pi * (midi - nearest)) ** 2
    return matrix
