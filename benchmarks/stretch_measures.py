"""What stretching does to a loop: to its attacks, its pitch, its stereo image and its level."""

import numpy as np

from engine.craft.features import Floats
from engine.craft.loudness import loudness_lufs, true_peak_db
from engine.loops.take import Audio

_RISE_S, _NEAR_S, _APART_S = 0.002, 0.02, 0.04
_LEAST_RISE = 0.15
_WINDOW, _MOST_CENTS = 16_384, 30
_LOWEST_HZ, _OCTAVES = 150.0, 4.5
_CEILING_DB = -1.0


def figures_of(before: Audio, after: Audio, rate: int) -> dict[str, float]:
    """Return what changed from one loop to the same, stretched; both (frames, channels).

    `attack` is how much less steep its attacks are, in dB; `pitch` how far it is out of tune, in
    cents; `image` and `loudness` how far side/mid and loudness are off, in dB and LU; `peak` how
    far the true peak is above -1 dB.
    """
    levels = [loudness_lufs(each, rate, closed=True) for each in (before, after)]
    return {
        "attack": attack_lost_db(before, after, rate),
        "pitch": cents_off(before, after, rate),
        "image": abs(side_over_mid_db(after) - side_over_mid_db(before)),
        "loudness": abs(levels[1] - levels[0]),
        "peak": max(0.0, true_peak_db(after) - _CEILING_DB),
    }


def attack_lost_db(before: Audio, after: Audio, rate: int) -> float:
    """Return how much less steep the attacks are on average, in dB: the rise within 2 ms."""
    old, new = _rises(before, rate), _rises(after, rate)
    near = np.arange(-round(_NEAR_S * rate), round(_NEAR_S * rate))
    ratio = len(new) / len(old)
    places = _attacks(old, rate)
    found = [new[(round(place * ratio) + near) % len(new)].max() for place in places]
    return float(np.mean(20 * np.log10(old[places] / np.maximum(found, 1e-9))))


def _rises(audio: Audio, rate: int) -> Floats:
    """Return by how much the level of the treble rises from each frame on, at equal power."""
    mono = audio.mean(axis=1, dtype=np.float64)
    treble = np.diff(mono, append=mono[0]) / np.sqrt(np.mean(mono**2))
    width = round(_RISE_S * rate)
    window = np.hanning(width + 2)[1:-1]
    spectrum = np.fft.rfft(treble**2) * np.fft.rfft(window / window.sum(), len(treble))
    level = np.sqrt(np.maximum(np.fft.irfft(spectrum, len(treble)), 0.0))
    rises: Floats = np.roll(level, -width) - level
    return rises


def _attacks(rises: Floats, rate: int) -> list[int]:
    """Return the frames of the steepest rises, at least 40 ms apart."""
    left = rises.copy()
    apart = np.arange(-round(_APART_S * rate), round(_APART_S * rate))
    places: list[int] = []
    while left[place := int(np.argmax(left))] > _LEAST_RISE * rises.max():
        places.append(place)
        left[(place + apart) % len(left)] = -np.inf
    return places


def cents_off(before: Audio, after: Audio, rate: int) -> float:
    """Return how far the spectrum moved in pitch, in cents: the mean over time, by its power."""
    cents, powers = [], []
    for place in range(0, len(before), _WINDOW // 2):
        old = _pitches(before, place, rate)
        new = _pitches(after, round(place * len(after) / len(before)), rate)
        shift = _shift(old, new)
        if shift is not None:
            cents.append(abs(shift))
            powers.append(float(np.sum(old**2)))
    return float(np.average(cents, weights=powers)) if any(powers) else 0.0


def _pitches(audio: Audio, place: int, rate: int) -> Floats:
    """Return the spectrum around a frame, one value for each cent."""
    span = np.arange(place - _WINDOW // 2, place + _WINDOW // 2)
    part = np.take(audio.mean(axis=1, dtype=np.float64), span, mode="wrap") * np.hanning(_WINDOW)
    spectrum = np.abs(np.fft.rfft(part, 4 * _WINDOW))
    hertz = _LOWEST_HZ * 2 ** (np.arange(round(1200 * _OCTAVES)) / 1200)
    return np.interp(hertz, np.fft.rfftfreq(4 * _WINDOW, 1 / rate), spectrum)


def _shift(old: Floats, new: Floats) -> float | None:
    """Return by how many cents two spectra are most alike; None if that is not within 30."""
    inner = slice(_MOST_CENTS, len(old) - _MOST_CENTS)
    likeness = []
    for step in range(-_MOST_CENTS, _MOST_CENTS + 1):
        moved = new[inner.start + step : inner.stop + step]
        likeness.append(float(old[inner] @ moved / (np.linalg.norm(moved) + 1e-9)))
    best = int(np.argmax(likeness))
    if not 0 < best < 2 * _MOST_CENTS:
        return None
    before, top, behind = likeness[best - 1 : best + 2]
    bend = before - 2 * top + behind
    return best - _MOST_CENTS + (0.5 * (before - behind) / bend if bend else 0.0)


def side_over_mid_db(audio: Audio) -> float:
    """Return the level of the sides over that of the middle, in dB, at least -60."""
    if audio.shape[1] == 1:
        return -60.0
    side, mid = (float(np.mean(part**2)) for part in _sides(audio))
    return max(-60.0, float(10 * np.log10(max(side, 1e-12) / max(mid, 1e-12))))


def _sides(audio: Audio) -> tuple[Floats, Floats]:
    left, right = audio.astype(np.float64).T
    return left - right, left + right
