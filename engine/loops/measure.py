"""Measurements of audio, (frames, channels), float32, finite.

They only measure; callers judge the figures.
"""

import numpy as np
from numpy.typing import NDArray

from engine.loops.take import Audio

LOWEST_DB = -120.0
"""The level of silence, since JSON has no minus infinity."""
HIGHEST_SEAM = 1_000.0


def loudness_db(audio: Audio) -> float:
    """Return the RMS level over all channels, in dBFS, at least -120."""
    return level_db(
        float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if audio.size else 0.0
    )


def peak_db(audio: Audio) -> float:
    """Return the level of the highest sample, in dBFS, at least -120."""
    return level_db(float(np.max(np.abs(audio))) if audio.size else 0.0)


def seam(audio: Audio) -> float:
    """Return the step from the last frame to the first, compared with the steps inside.

    It is the largest step of any channel over the 99.9th percentile of all steps inside, so an
    inaudible seam measures around 1 or below; the result is at most 1,000.
    """
    if len(audio) < 2:
        return 0.0
    across = float(np.max(np.abs(audio[0] - audio[-1])))
    inside = float(percentile(frame_peaks(np.diff(audio, axis=0)), 99.9))
    if across == 0.0:
        return 0.0
    return min(across / inside, HIGHEST_SEAM) if inside > 0.0 else HIGHEST_SEAM


def percentile(values: NDArray[np.float32], percent: float) -> np.float32:
    """Return what `np.percentile` returns for one row of values, 1 or more, to the bit.

    That one imports masked arrays, and the first loop would wait for them.
    """
    place = (len(values) - 1) * (percent / 100)
    low = int(place)
    above = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, above))
    part, step = place - low, ordered[above] - ordered[low]
    if part >= 0.5:  # from the nearer side
        return np.float32(ordered[above] - step * np.float32(1 - part))
    return np.float32(ordered[low] + step * np.float32(part))


def frame_peaks(audio: Audio) -> NDArray[np.float32]:
    """Return the highest magnitude of any channel at each frame, (frames,).

    It goes channel by channel: numpy is slow along so short an axis.
    """
    peaks = np.abs(audio[:, 0])
    for channel in audio.T[1:]:
        np.maximum(peaks, np.abs(channel), out=peaks)
    return peaks


def level_db(level: float) -> float:
    """Return an amplitude, 0 or more, in dB, at least -120."""
    return LOWEST_DB if level <= 10 ** (LOWEST_DB / 20) else float(20 * np.log10(level))


def loudest_seconds(power: NDArray[np.float64], longest: int) -> int:
    """Return where the loudest `longest` seconds begin, in seconds; `power` is that of each."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    return int(np.argmax(total[longest:] - total[:-longest]))
