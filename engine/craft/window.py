"""Chooses which part of a long take becomes the loop.

A window is as long as the loop at the detected tempo, and begins on a sixteenth. It may begin
anywhere in the bar: the loop is rotated to its downbeat afterwards, so the cut can be where the
take repeats itself best.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.craft.features import ANALYSIS_RATE, HOPS_PER_S, Features, Floats
from engine.craft.pulse import Pulse
from engine.craft.seam import (
    AROUND_HOPS,
    NEAR_HOPS,
    seam_features,
    squared_distances,
    surroundings,
    surroundings_in_parts,
)

FADE_S = 0.04
AHEAD_S = 0.008
"""The cut is this far ahead of the grid, so that no attack is cut."""
_CUTS_PER_QUARTER = 4
_LAG_S = 0.006
_FARTHEST = 1e6


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of a take, in seconds of the take.

    Attributes:
        start_s: where it begins.
        length_s: how long it is.
        downbeat_s: the time of any downbeat.
        whole: whether the take was long enough for the loop.
    """

    start_s: float
    length_s: float
    downbeat_s: float
    whole: bool = True


def choose_window(
    features: Features,
    pulse: Pulse,
    length_s: float,
    quarter_s: float,
    joins: Sequence[tuple[float, float]] = (),
) -> Window:
    """Return the window of `length_s` whose end is most like its beginning.

    Args:
        features: the take, not closed.
        pulse: its beat and downbeat.
        length_s: the length of the loop at the tempo of the take.
        quarter_s: a quarter note at that tempo.
        joins: see `engine.loops.take.Take`; starts that the model finds unlikely cost more.
    """
    room_s = features.length_s - length_s
    if room_s < FADE_S:
        fade_s = min(FADE_S, features.length_s * 0.02)
        shorter_s = min(length_s, features.length_s - fade_s)
        return Window(
            features.length_s - shorter_s,
            shorter_s,
            pulse.first_bar_s,
            whole=shorter_s > length_s - FADE_S,
        )
    step_s = quarter_s / _CUTS_PER_QUARTER
    first_s = pulse.first_bar_s % step_s - AHEAD_S
    starts = np.arange(first_s, room_s + 1e-9, step_s)
    starts = starts[(starts >= FADE_S) & (starts <= room_s)]
    if not len(starts):
        starts = np.array([min(FADE_S, room_s)])
    cost = _cost(features, starts, length_s) + _novelty(starts, joins)
    start_s = float(starts[np.argmin(cost)])
    exact_s = length_s + _lag_s(features, start_s, length_s)
    return Window(start_s, exact_s, pulse.first_bar_s)


def _cost(features: Features, starts: Floats, length_s: float) -> Floats:
    """Return how conspicuous the seam of each window would be, compared with its sixteenths.

    The cost is lower if the surroundings of the join occur elsewhere in the window, if its two
    sides match, and if it is not softer than the rest.
    """
    last = len(features.bands) - 1
    first_hops = np.clip(np.rint(starts * HOPS_PER_S).astype(int), 0, last)
    end_hops = np.clip(np.rint((starts + length_s) * HOPS_PER_S).astype(int), 0, last)
    hops = np.arange(AROUND_HOPS, max(AROUND_HOPS + 1, last - AROUND_HOPS))
    inside = hops[None, :] > first_hops[:, None] + NEAR_HOPS
    inside &= hops[None, :] < end_hops[:, None] - NEAR_HOPS
    cost = np.zeros(len(starts))
    for values in seam_features(features):
        joins = surroundings(values, end_hops, first_hops)
        nearest = np.full(len(starts), _FARTHEST)
        for part, places in surroundings_in_parts(values, hops, features.check):
            squared = squared_distances(joins, places)
            squared[~inside[:, part]] = np.inf
            nearest = np.minimum(nearest, np.sqrt(squared.min(axis=1)))
        sides = [surroundings(values, each, each) for each in (first_hops, end_hops)]
        apart = np.sqrt(np.sum((sides[0] - sides[1]) ** 2, axis=1))
        usual = float(np.median(apart)) + 1e-9
        cost += nearest / usual + 0.5 * apart / usual
    return cost + _softness(features, end_hops) + _softness(features, first_hops)


def _novelty(starts: Floats, joins: Sequence[tuple[float, float]]) -> Floats:
    """Return the model's cost of each start: 0 for the best of its joins, 1 for the median."""
    if len(joins) < 2:
        return np.zeros(len(starts))
    at, values = np.array(joins).T
    above = values - values.min()
    usual = float(np.median(above)) or float(above.max()) or 1.0
    found: Floats = np.interp(starts, at, above / usual)
    return found


def _softness(features: Features, hops: NDArray[np.int_]) -> Floats:
    """Return how much softer positions are than nearly all others, as a share of the mean."""
    loudness = features.bands.mean(axis=1)
    reach = np.arange(-6, 7)
    at = loudness[np.clip(hops[:, None] + reach, 0, len(loudness) - 1)].mean(axis=1)
    floor = float(np.percentile(at, 25))
    softness: Floats = 2.0 * np.maximum(floor - at, 0.0) / (float(loudness.mean()) + 1e-9)
    return softness


def _lag_s(features: Features, start_s: float, length_s: float) -> float:
    """Return how far to move the end so that the waveforms of both sides are in phase."""
    fade, most = int(FADE_S * ANALYSIS_RATE), int(_LAG_S * ANALYSIS_RATE)
    start, end = round(start_s * ANALYSIS_RATE), round((start_s + length_s) * ANALYSIS_RATE)
    if start < fade or end + most > len(features.mono) or end - fade - most < 0:
        return 0.0
    start_side = features.mono[start - fade : start]
    around = features.mono[end - fade - most : end + most]
    products = np.correlate(around, start_side, mode="valid")
    power = np.convolve(around**2, np.ones(fade), mode="valid")
    like = products / np.sqrt(power * np.sum(start_side**2) + 1e-12)
    far = np.arange(-most, most + 1)
    like = like - 0.1 * np.abs(far) / most
    best = int(np.argmax(like))
    return float(far[best]) / ANALYSIS_RATE if like[best] > 0.3 else 0.0
