"""The attacks of a take, and whether it is drums: this decides how it is stretched."""

import numpy as np

from engine.craft.features import ANALYSIS_RATE, HOPS_PER_S, LONG_WINDOW, Features, Floats
from engine.craft.partials import steady_share
from engine.loops.take import Audio

_PROMINENT, _TONAL = 0.45, 0.32
_FROM_HZ = (150.0, 200.0)
_LEAST, _ABOVE_USUAL = 0.12, 2.0
_AROUND_S = 0.12
_LEAD_S, _QUIET_S = 0.012, 0.001


def has_attacks(features: Features) -> bool:
    """Return whether attacks are prominent, as they are not in pads."""
    rises = features.onsets
    return bool(len(rises)) and float(np.percentile(rises, 98)) > _PROMINENT


def is_drums(features: Features) -> bool:
    """Return whether audio is drums or other percussion: it has attacks and few steady pitches.

    The energy in steady pitches is counted twice, from 150 Hz and from 200 Hz upwards, and the
    smaller share decides: the one steady pitch that drums may have, of an 808 or a tom, is below
    200 Hz, and a bass line has pitches above both. Of the 85 real loops of drums that this was
    tried on, all had at most 0.30 this way; of 32 real basses, guitars, leads, organs and brass,
    all but two (a gliding bass and a synthesiser that is nearly noise) had at least 0.33.
    """
    return has_attacks(features) and any(
        _steady_share(features.long_spectrum, hertz) < _TONAL for hertz in _FROM_HZ
    )


def _steady_share(spectrum: Floats, lowest_hz: float) -> float:
    """Return how much of the energy from a frequency upwards is in steady pitches, 0..1."""
    lowest = round(lowest_hz * LONG_WINDOW / ANALYSIS_RATE)
    return steady_share(spectrum * (np.arange(spectrum.shape[1]) >= lowest))


def find_attacks(features: Features, apart_s: float) -> list[float]:
    """Return the times of the attacks in seconds, ascending, at least `apart_s` apart.

    They are looked for on a circle; of a take that is no loop, the ends see each other.
    """
    strength = features.onsets
    around, apart = round(_AROUND_S * HOPS_PER_S), round(apart_s * HOPS_PER_S)
    if len(strength) <= 2 * around:
        return []
    usual = np.median(_surroundings(strength, around), axis=1)
    is_peak = strength >= _surroundings(strength, apart).max(axis=1)
    found = np.flatnonzero(is_peak & (strength > np.maximum(_LEAST, _ABOVE_USUAL * usual)))
    return [max(0.0, features.time_of(float(hop))) for hop in found]


def _surroundings(values: Floats, reach: int) -> Floats:
    padded = np.pad(values, reach, mode="wrap")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)


def beginning_of(audio: Audio, rate: int, time_s: float) -> int:
    """Return the quietest frame in the 12 ms before an attack, where a slice can begin.

    The audio is read as a circle; the frame is negative if it is before the first one.
    """
    width = round(_QUIET_S * rate)
    frames = round(time_s * rate) + np.arange(-round(_LEAD_S * rate) - width, 0)
    power = np.square(np.take(audio, frames, axis=0, mode="wrap")).sum(axis=1)
    over_width = np.convolve(power, np.ones(width), mode="valid")
    return int(frames[int(np.argmin(over_width)) + width // 2])
