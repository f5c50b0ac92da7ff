"""Beat and downbeat of a take whose tempo is known.

The sixteenths lie where the Fourier coefficients of the beat and its divisions are largest
together; which of them begins the bar is judged in `engine.craft.bar`. Exactly where the beats are
is the weighted median of how far the strongest onsets near them lie off the grid: swing, late
backbeats and loose hats pull a mean, and not a median. docs/craft.md tells how true it is.
"""

import dataclasses

import numpy as np

from engine.craft.bar import STEPS_PER_BEAT, first_sixteenth
from engine.craft.features import BAND_GROUPS, HOPS_PER_S, Features, Floats
from engine.craft.tempo import DIVISIONS, rhythm

_PHASES = 384
_BY_CHANCE = 4.5
"""How regular noise seems, times the root of the number of hops; measured."""
_REACH_S = 0.03


@dataclasses.dataclass(frozen=True)
class Pulse:
    """The beat of a take.

    Attributes:
        bpm: beats per minute.
        first_beat_s: the time of the first beat, 0 to one beat.
        first_bar_s: the time of a downbeat, 0 to one bar; of any beat where no bar was asked for.
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


def find_pulse(heard: Features, bpm: float, bar_quarters: float) -> Pulse:
    """Return where beats and bars lie at a known tempo; below 1 no bar is asked for."""
    beat_s = 60 / bpm
    first_s, confidence = regular_beat(heard, bpm)
    steps = round(STEPS_PER_BEAT * bar_quarters)
    if steps < STEPS_PER_BEAT:
        return Pulse(bpm, first_s, first_s, confidence)
    step_s = beat_s / STEPS_PER_BEAT
    first_s %= step_s
    bar_s = first_s + first_sixteenth(heard, first_s, beat_s, steps) * step_s
    bar_s = (bar_s + _off_s(heard, bar_s % beat_s, beat_s)) % (steps * step_s)
    return Pulse(bpm, bar_s % beat_s, bar_s, confidence)


def _off_s(heard: Features, first_s: float, beat_s: float) -> float:
    """Return by how much the strong onsets are later than the beats from `first_s`."""
    beats = np.arange(first_s, heard.length_s - 1e-3, beat_s)
    reach = int(_REACH_S * HOPS_PER_S) + 1
    hops = np.rint(heard.onset_hops(beats)).astype(int)[:, None] + np.arange(-reach, reach + 1)
    if len(heard.rises) < 3:
        return 0.0
    hops = np.clip(hops, 1, len(heard.rises) - 2)
    lateness, weights = [], []
    for low, high in BAND_GROUPS:
        strength = heard.rises[:, low:high].mean(axis=1)
        usual = float(np.percentile(strength, 95)) + 1e-9
        near = strength[hops]
        best = np.argmax(near, axis=1)
        peaks = hops[np.arange(len(hops)), best]
        inside = (best > 0) & (best < 2 * reach)
        lateness.append(heard.time_of(peaks + _summit(strength, peaks)) - beats)
        weights.append((strength[peaks] / usual) ** 2 * inside)
    return _weighted_median(np.concatenate(lateness), np.concatenate(weights))


def _summit(strength: Floats, peaks: Floats) -> Floats:
    """Return how far behind each hop the summit through it and its neighbours lies, in hops."""
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


def regular_beat(heard: Features, bpm: float) -> tuple[float, float]:
    """Return the time of a beat or of a division of it, and how regular the onsets are, 0..1.

    Low onsets have a say in which division is the beat; all of them say where it is.
    """
    strength = rhythm(heard.onsets[:, None], closed=heard.closed)[:, 0]
    turns = np.arange(len(strength)) / HOPS_PER_S * bpm / 60
    taus = np.arange(_PHASES) / _PHASES
    low = heard.low_onsets - heard.low_onsets.mean()
    parts = (strength / (strength.std() + 1e-9), low / (low.std() + 1e-9))
    score = np.zeros(_PHASES)
    strongest = 0.0
    for division in DIVISIONS:
        turning = np.exp(-2j * np.pi * division * turns)
        waves = [np.sum(part * turning) for part in parts]
        strongest = max(strongest, float(abs(waves[0])) / float(np.abs(parts[0]).sum() + 1e-9))
        wave = waves[0] + (waves[1] if division <= 2 else 0.0)
        score += np.real(wave * np.exp(2j * np.pi * division * taus))
    by_chance = min(0.5, _BY_CHANCE / np.sqrt(len(strength)))
    confidence = float(np.clip((2.0 * strongest - by_chance) / (1 - by_chance), 0.0, 1.0))
    hops = float(taus[np.argmax(score)]) * 60 / bpm * HOPS_PER_S
    return heard.time_of(hops) % (60 / bpm), confidence
