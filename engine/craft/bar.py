"""Where the bar begins, once the sixteenths are known.

Every sixteenth may be the first of the bar. For each, a net that was taught it sees the bar as it
would lie: how strong the onsets in six bands are on each sixteenth, how loud three bands are, and
how much the sound, the bass and the chords change there. The cues are those of Goto, "An
audio-based real-time beat tracking system for music with or without drum-sounds" (JNMR 30, 2001);
that what is usual is learned follows Durand, Bello, David & Richard, "Robust Downbeat Tracking
Using an Ensemble of Convolutional Networks" (IEEE/ACM TASLP 25, 2017), with a far smaller net, as
a loop has one tempo and one meter. docs/craft.md tells how true it is.
"""

import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from engine.craft.choice import likelihoods
from engine.craft.features import (
    BAND_GROUPS,
    HEARD_RATE,
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


def first_sixteenth(heard: Features, first_s: float, beat_s: float, steps: int) -> int:
    """Return at which sixteenth after `first_s` the bar begins, 0 .. steps - 1.

    Args:
        heard: the take.
        first_s: the time of any sixteenth near its beginning.
        beat_s: the length of a beat.
        steps: how many sixteenths the bar has, 4 or more.
    """
    features = turns(heard, first_s, beat_s, steps)
    if features is None:
        return 0
    likely = likelihoods("bar", features)
    if steps % STEPS_PER_BEAT:
        return int(np.argmax(likely))
    # The beat is surer than the bar: first which sixteenths are beats, then which beat is first.
    by_beat = likely.reshape(-1, STEPS_PER_BEAT)
    place = int(np.argmax(by_beat.sum(axis=0)))
    return int(np.argmax(by_beat[:, place])) * STEPS_PER_BEAT + place


def turns(heard: Features, first_s: float, beat_s: float, steps: int) -> Floats | None:
    """Return the bar as it would lie for each first sixteenth, (steps, features); None: too short.

    Bars of any length are told as their first beat, their second, the mean of those between, and
    their last.
    """
    cues = _cues(heard, first_s, beat_s, steps)
    if cues is None:
        return None
    turned = cues[(np.arange(steps)[None, :] + np.arange(steps)[:, None]) % steps]
    one = STEPS_PER_BEAT
    between = turned[:, 2 * one : -one] if steps >= 4 * one else turned[:, one : 2 * one]
    middle = np.zeros_like(turned[:, :one])
    for place in range(one):
        if between[:, place::one].shape[1]:
            middle[:, place] = between[:, place::one].mean(axis=1)
    told = [turned[:, :one], turned[:, one : 2 * one], middle, turned[:, -one:]]
    features: Floats = np.concatenate(told, axis=1).reshape(steps, -1)
    return features


def _cues(heard: Features, first_s: float, beat_s: float, steps: int) -> Floats | None:
    """Return (steps, cues): the cues on each sixteenth of the bar, standardised."""
    step_s = beat_s / STEPS_PER_BEAT
    count = int((heard.length_s - first_s) / step_s + 1e-6) // steps * steps
    if not count:
        return None
    times = np.asarray(first_s + np.arange(count) * step_s, np.float64)
    values = np.concatenate(
        [
            _onsets(heard, times),
            _levels(heard, times, step_s),
            _changes(heard.bands, HOPS_PER_S, heard.onset_hops(times), beat_s, 2)[:, None],
            _changes_of_chords(heard, times, beat_s),
        ],
        axis=1,
    )
    mean = values.reshape(-1, steps, values.shape[1]).mean(axis=0)
    spread = mean.std(axis=0) + 0.05 * np.abs(mean).mean() + 1e-9
    standard: Floats = (mean - mean.mean(axis=0)) / spread
    return standard


def _onsets(heard: Features, times: Floats) -> Floats:
    strengths = grouped(heard.rises, itertools.pairwise(_ONSET_EDGES))
    hops = np.rint(heard.onset_hops(times)).astype(int)
    around = hops[:, None] + np.arange(-_REACH_HOPS, _REACH_HOPS + 1)
    strongest: Floats = strengths[np.clip(around, 0, len(strengths) - 1)].max(axis=1)
    return strongest


def _levels(heard: Features, times: Floats, step_s: float) -> Floats:
    hops = heard.onset_hops(times)
    return _means(grouped(heard.bands, BAND_GROUPS), hops, hops + max(2.0, step_s * HOPS_PER_S))


def _changes_of_chords(heard: Features, times: Floats, beat_s: float) -> Floats:
    """Return how unlike bass and chords are after each time to before, for three lengths."""
    spectrum = np.sqrt(heard.long_spectrum)
    per_s = HEARD_RATE / LONG_HOP
    places = (times - LONG_WINDOW / 2 / HEARD_RATE) * per_s
    columns = []
    for low_hz, high_hz in (_BASS_HZ, _CHORD_HZ):
        classes = spectrum @ _class_matrix(low_hz, high_hz)
        classes = classes / (float(classes.mean()) + 1e-9)
        columns += [_changes(classes, per_s, places, beat_s * beats, 1) for beats in _LOOK_BEATS]
    return np.stack(columns, axis=1)


def _changes(values: Floats, per_s: float, places: Floats, look_s: float, gap: int) -> Floats:
    """Return how unlike what follows each place is to what came before it."""
    look = max(1.0, _LOOK_SHARE * look_s * per_s)
    after = _means(values, places + gap, places + gap + look)
    before = _means(values, places - gap - look, places - gap)
    changes: Floats = np.abs(after - before).mean(axis=1)
    return changes


def _means(values: Floats, first: Floats, last: Floats) -> Floats:
    """Return the means from each first place to each last one, as far as they lie inside."""
    total = np.cumsum(np.pad(values, ((1, 0), (0, 0))), axis=0)
    begin, end = (np.clip(np.rint(each), 0, len(values)).astype(int) for each in (first, last))
    means: Floats = (total[end] - total[begin]) / np.maximum(end - begin, 1)[:, None]
    return means


@functools.cache
def _class_matrix(low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return (bins of a long window, 12): how much each bin belongs to each pitch class."""
    hertz = np.fft.rfftfreq(LONG_WINDOW, 1 / HEARD_RATE)
    inside = np.flatnonzero((hertz >= low_hz) & (hertz <= high_hz))
    midi = 69 + 12 * np.log2(hertz[inside] / 440)
    matrix = np.zeros((len(hertz), 12))
    nearest = np.rint(midi)
    matrix[inside, nearest.astype(int) % 12] = np.cos(np.pi * (midi - nearest)) ** 2
    return matrix
