"""The features by which drum loops are judged: levels, movement, repetition, space.

Every measure is relative to the loop's own level, and taken at 44.1 kHz. Nothing here knows how a
loop was made.
"""

import functools
import itertools

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.loops.take import Audio

Values = NDArray[np.float64]

_RATE = 44_100
_SIZE, _HOP = 1024, 220
_EDGES_HZ = (20, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 12_000, 16_000)
_FLOOR_DB = -70.0
_MONO_DB = -40.0
_PARTS = 6
"""Changes of the bands are measured in 6 groups, from the kick to the air."""


def drum_features(audio: Audio, rate: int) -> dict[str, float]:
    """Return the measures of one loop, (frames, channels), by name."""
    if rate != _RATE:
        audio = soxr.resample(audio, rate, _RATE)
    if audio.shape[1] == 1:
        audio = np.repeat(audio, 2, axis=1)
    power = _spectra(audio.mean(axis=1))
    measures = _levels(audio, power)
    measures.update(_movement(power))
    measures.update(_repetition(power))
    measures.update(_space(audio))
    return measures


def _spectra(mono: Audio) -> Values:
    """Return power, (times, bins), of a loop at unit RMS, as it goes round."""
    mono = mono / (np.sqrt((mono**2).mean()) + 1e-12)
    whole = np.concatenate([mono, mono[:_SIZE]])
    frames = np.lib.stride_tricks.sliding_window_view(whole, _SIZE)[::_HOP]
    window = np.hanning(_SIZE).astype(np.float32)
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2, dtype=np.float64)


@functools.cache
def _bands(edges_hz: tuple[float, ...]) -> Values:
    """Return weights, (bins, bands), of bands between edges."""
    hz = np.fft.rfftfreq(_SIZE, 1 / _RATE)
    return np.stack(
        [(hz >= low) & (hz < high) for low, high in itertools.pairwise(edges_hz)],
        axis=1,
    ).astype(float)


_FINE = tuple(float(hz) for hz in np.geomspace(60, 16_000, 33))
_COARSE = tuple(float(hz) for hz in np.geomspace(40, 16_000, _PARTS + 1))


def _db(power: Values) -> Values:
    return np.asarray(10 * np.log10(power + 1e-12))


def _levels(audio: Audio, power: Values) -> dict[str, float]:
    """Return the share of each band, and how noisy it is while it is loud."""
    long = np.abs(np.fft.rfft(audio.mean(axis=1))) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / _RATE)
    measures = {}
    for low, high in itertools.pairwise(_EDGES_HZ):
        share = float(long[(hz >= low) & (hz < high)].sum() / (long.sum() + 1e-12))
        measures[f"{low}-{high} Hz"] = max(10 * np.log10(share + 1e-12), _FLOOR_DB)
    for low, high in ((300, 1200), (1200, 4000), (4000, 12_000)):
        inside = power[:, int(low / _RATE * _SIZE) : int(high / _RATE * _SIZE)]
        loud = inside[inside.sum(axis=1) >= np.percentile(inside.sum(axis=1), 80)] + 1e-9
        flat = np.exp(np.log(loud).mean(axis=1)) / loud.mean(axis=1)
        measures[f"flatness {low}-{high}"] = float(np.median(flat))
    return measures


def _movement(power: Values) -> dict[str, float]:
    """Return how levels are distributed over time, how fast they rise, and how they fall."""
    measures = {}
    parts = _db(power @ _bands(_COARSE))
    for number, level in enumerate(parts.T):
        top = np.percentile(level, 97)
        for share in (10, 50, 80):
            depth = float(max(np.percentile(level, share) - top, -60.0))
            measures[f"part {number}: {share} %"] = depth
        change = np.diff(np.maximum(level - top, -60.0))
        measures[f"part {number}: rise"] = float(np.percentile(change, 98))
        measures[f"part {number}: flux"] = float(np.abs(change).mean())
        falling = change[(change < 0) & (level[:-1] > top - 30)]
        measures[f"part {number}: fall"] = float(falling.mean()) if len(falling) else 0.0
    whole = power.sum(axis=1)
    measures["crest"] = float(_db(whole.max()) - _db(whole.mean()))
    return measures


def _repetition(power: Values) -> dict[str, float]:
    """Return how alike the halves of the loop are, and each stroke and the one most like it."""
    fine = np.maximum(_db(power @ _bands(_FINE)), -40.0)
    half = len(fine) // 2
    places = np.linspace(0, half - 1, 64 * 4).astype(int)
    smooth = np.stack([fine[place : place + 8].mean(axis=0) for place in places])
    again = np.stack([fine[half + place : half + place + 8].mean(axis=0) for place in places])
    measures = {"difference of halves": float(np.abs(smooth - again).mean())}
    strokes = _strokes(fine)
    if len(strokes) > 2:
        alike: Values = np.asarray(np.corrcoef(strokes))
        np.fill_diagonal(alike, -1)
        measures["nearest stroke"] = float(np.median(alike.max(axis=1)))
        np.fill_diagonal(alike, np.nan)
        measures["all strokes"] = float(np.nanmean(alike))
    else:
        measures["nearest stroke"], measures["all strokes"] = 0.9, 0.6
    return measures


def _strokes(fine: Values) -> Values:
    """Return what each stroke sounds like, (strokes, times x bands)."""
    rise = np.maximum(np.diff(fine, axis=0), 0).mean(axis=1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(rise, 6), 13).max(axis=1)
    found = np.flatnonzero((rise == around) & (rise > 0.35 * np.percentile(rise, 99)))
    span = 14
    found = found[found + span + 1 < len(fine)]
    if not len(found):
        return np.zeros((0, 1))
    return np.stack([
        np.concatenate([fine[place + 1 + step : place + 3 + step].mean(axis=0)
                        for step in (0, 4, 10)])
        for place in found
    ])  # fmt: skip


def _space(audio: Audio) -> dict[str, float]:
    middle, side = audio.mean(axis=1), (audio[:, 0] - audio[:, 1]) / 2
    measures = {}
    spectra = [np.abs(np.fft.rfft(each)) ** 2 for each in (middle, side)]
    hz = np.fft.rfftfreq(len(audio), 1 / _RATE)
    for name, low, high in (("", 20, 20_000), (" low", 20, 300), (" high", 2000, 20_000)):
        inside = (hz >= low) & (hz < high)
        ratio = spectra[1][inside].sum() / (spectra[0][inside].sum() + 1e-12)
        measures[f"side/mid{name}"] = float(max(10 * np.log10(ratio + 1e-12), _MONO_DB))
    return measures
