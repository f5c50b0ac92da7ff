"""The level of a loop: gain to a loudness, with the peaks that would be too high limited.

The limiter looks ahead and works on a circle. Its gain falls and rises at constant speeds in
decibels, so each peak lowers what is around it by a tent; the lowest tent counts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.craft.loudness import loudness_lufs, peaks_above, true_peak_db
from engine.loops.cancel import Check, no_check
from engine.loops.measure import LOWEST_DB
from engine.loops.take import Audio

TARGET_LUFS = -16.0
CEILING_DB = -1.0
MOST_LIMITED_DB = 4.0
"""What peaks are lowered by at most; beyond that the gain is smaller."""
_MOST_GAIN_DB = 30.0
_ROUNDS, _NEAR_LU = 3, 0.1
_FALL_DB_PER_S, _RISE_DB_PER_S = 1000.0, 60.0
_MARGIN_DB = 0.05
_INAUDIBLE_DB = 1e-6


class Levelled(NamedTuple):
    """Audio at its level, and what was done to it.

    Attributes:
        audio: of the same shape; its true peak is at most -1 dB.
        gain_db: the gain, in tenths of a decibel.
        limited_db: how much the highest peak was lowered, after the gain.
        raw_lufs: the loudness before.
    """

    audio: Audio
    gain_db: float
    limited_db: float
    raw_lufs: float


def levelled(
    audio: Audio, rate: int, target_lufs: float, *, closed: bool, check: Check = no_check
) -> Levelled:
    """Return audio at a loudness, as far as its peaks allow: they are limited by at most 4 dB.

    Args:
        audio: (frames, 1 or 2 channels), finite.
        rate: in Hz.
        target_lufs: the loudness.
        closed: whether it is a loop; see `loudness_lufs`.
        check: called between any two steps; it may raise to end the work.
    """
    check()
    raw_lufs = loudness_lufs(audio, rate, closed=closed)
    most_db = min(CEILING_DB + MOST_LIMITED_DB - true_peak_db(audio), _MOST_GAIN_DB)
    is_silent = target_lufs == LOWEST_DB or not np.any(audio)
    wanted_db = 0.0 if is_silent else target_lufs - raw_lufs
    for _ in range(_ROUNDS):
        check()
        gain_db = round(min(wanted_db, most_db), 1)
        made, limited_db = limited(audio * np.float32(10 ** (gain_db / 20)), rate, check)
        if not limited_db or gain_db < wanted_db - _NEAR_LU:
            break
        check()
        missing = target_lufs - loudness_lufs(made, rate, closed=closed)
        if missing < _NEAR_LU:
            break
        wanted_db += missing
    return Levelled(made, gain_db, round(limited_db, 2), raw_lufs)


def limited(audio: Audio, rate: int, check: Check = no_check) -> tuple[Audio, float]:
    """Return a loop with a true peak of at most -1 dB, and by how much its peak was lowered."""
    before_db = true_peak_db(audio)
    if before_db <= CEILING_DB:
        return np.ascontiguousarray(audio, dtype=np.float32), 0.0
    ceiling_db = CEILING_DB - _MARGIN_DB
    peaks = peaks_above(audio, 10 ** (ceiling_db / 20))
    over_db = np.zeros(len(peaks))
    over = np.flatnonzero(peaks > 10 ** (ceiling_db / 20))
    over_db[over] = 20 * np.log10(peaks[over]) - ceiling_db
    check()
    lowered_db = _tents(over_db, rate)
    near = np.flatnonzero(lowered_db > _INAUDIBLE_DB)
    made = np.array(audio, np.float32)
    made[near] *= (10 ** (-lowered_db[near] / 20)).astype(np.float32)[:, None]
    check()
    still_db = max(0.0, true_peak_db(made) - CEILING_DB)
    return made * np.float32(10 ** (-still_db / 20)), before_db - CEILING_DB


def _tents(over_db: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Return the reduction at each frame of a loop: at least `over_db`, without jumps."""
    ahead = _fading(over_db[::-1], _FALL_DB_PER_S / rate)[::-1]
    return _fading(ahead, _RISE_DB_PER_S / rate)


def _fading(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Return the highest of each value and of all before it, less a step for each frame between."""
    lapped = np.concatenate([values, values])
    rising = np.arange(len(lapped)) * step
    faded: NDArray[np.float64] = np.maximum.accumulate(lapped + rising) - rising
    return faded[len(values) :]
