"""Beat and downbeat of a take whose tempo is known.

The sixteenths are where the Fourier coefficients of the beat and its divisions are jointly largest;
`engine.craft.bar` decides which of them begins the bar. The exact offset of the beats is the
weighted median of how far the strongest onsets near them are off the grid: swing, late backbeats
and loose hats shift a mean, but not a median. docs/craft.md reports the accuracy.
"""

import dataclasses

import numpy as np

from engine.craft.bar import STEPS_PER_BEAT, first_sixteenth
from engine.craft.features import BAND_GROUPS, HOPS_PER_S, Features, Floats
from engine.craft.tempo import DIVISIONS, rhythm

_PHASES = 384
_BY_CHANCE = 4.5
"""The apparent regularity of noise, times the root of the number of hops; measured."""
_REACH_S = 0.03


@dataclasses.dataclass(frozen=True)
class Pulse:
    """The beat of a take.

    Attributes:
        bpm: beats per minute.
        first_beat_s: the time of the first beat, 0 to one beat.
        first_bar_s: the time of a downbeat, 0 to one bar; of any beat if no bar was requested.
        confidence: 0..1, how regular the onsets are at this tempo.
    """

    bpm: float
    first_beat_s: float
    first_bar_s: float
    confidence: float

    @property
    def beat_s(self) -> float:
        """The length of a beat in seconds."""
        return 60.0 / self.bpm


def find_pulse(features: Features, bpm: float, bar_quarters: float) -> Pulse:
    """Return the beats and bars at a known tempo; with `bar_quarters` below 1, beats only."""
    beat_s = 60 / bpm
    features.check()
    first_s, confidence = regular_beat(features, bpm)
    steps = round(STEPS_PER_BEAT * bar_quarters)
    if steps < STEPS_PER_BEAT:
        return Pulse(bpm, first_s, first_s, confidence)
    step_s = beat_s / STEPS_PER_BEAT
    first_s %= step_s
    bar_s = first_s + first_sixteenth(features, first_s, beat_s, steps) * step_s
    bar_s = (bar_s + _off_s(features, bar_s % beat_s, beat_s)) % (steps * step_s)
    return Pulse(bpm, bar_s % beat_s, bar_s, confidence)


def _off_s(features: Features, first_s: float, beat_s: float) -> float:
    """Return how much later the strong onsets are than the beats from `first_s`."""
    beats = np.arange(first_s, features.length_s - 1e-3, beat_s)
    reach = int(_REACH_S * HOPS_PER_S) + 1
    hops = np.rint(features.onset_hops(beats)).astype(int)[:, None] + np.arange(-reach, reach + 1)
    if len(features.rises) < 3:
        return 0.0
    hops = np.clip(hops, 1, len(features.rises) - 2)
    lateness, weights = [], []
    for low, high in BAND_GROUPS:
        strength = features.rises[:, low:high].mean(axis=1)
        usual = float(np.percentile(strength, 95)) + 1e-9
        near = strength[hops]
        best = np.argmax(near, axis=1)
        peaks = hops[np.arange(len(hops)), best]
        inside = (best > 0) & (best < 2 * reach)
        lateness.append(features.time_of(peaks + _summit(strength, peaks)) - beats)
        weights.append((strength[peaks] / usual) ** 2 * inside)
    return _weighted_median(np.concatenate(lateness), np.concatenate(weights))


def _summit(strength: Floats, peaks: Floats) -> Floats:
    """Return the offset of the interpolated peak around each hop, in hops."""
    before, top, behind = (strength[peaks + step] for step in (-1, 0, 1))
    bend = before - 2 * top + behind
    summit = 0.5 * (before - behind) / np.where(bend < 0, bend, -1.0)
    inside: Floats = np.clip(np.where(bend < 0, summit, 0.0), -0.5, 0.5)
    return inside


def _weighted_median(values: Floats, weights: Floats) -> float:
    if not weights.any():
        return 0.0
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def regular_beat(features: Features, bpm: float) -> tuple[float, float]:
    """Return the time of a beat or a division of it, and how regular the onsets are, 0..1.

    Low onsets help to decide which division is the beat; all onsets decide where it is.
    """
    strength = rhythm(features.onsets[:, None], closed=features.closed)[:, 0]
    turns = np.arange(len(strength)) / HOPS_PER_S * bpm / 60
    taus = np.arange(_PHASES) / _PHASES
    low = features.low_onsets - features.low_onsets.mean()
    parts = (strength / (strength.std() + 1e-9), low / (low.std() + 1e-9))
    score = np.zeros(_PHASES)
    strongest = 0.0
    for division in DIVISIONS:
        features.check()
        turning = np.exp(-2j * np.pi * division * turns)
        waves = [np.sum(part * turning) for part in parts]
        strongest = max(strongest, float(abs(waves[0])) / float(np.abs(parts[0]).sum() + 1e-9))
        wave = waves[0] + (waves[1] if division <= 2 else 0.0)
        score += np.real(wave * np.exp(2j * np.pi * division * taus))
    by_chance = min(0.5, _BY_CHANCE / np.sqrt(len(strength)))
    confidence = float(np.clip((2.0 * strongest - by_chance) / (1 - by_chance), 0.0, 1.0))
    hops = float(taus[np.argmax(score)]) * 60 / bpm * HOPS_PER_S
    return features.time_of(hops) % (60 / bpm), confidence
