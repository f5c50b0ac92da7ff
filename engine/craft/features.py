"""Audio features for tempo, beat and key detection: mono at 22,050 Hz, and onset strength.

Onset strength is the rise of the log spectrum from hop to hop, band by band, rectified: spectral
flux with the compression and the lag of Böck & Widmer, "Maximum filter vibrato suppression for
onset detection" (DAFx 2013). It does not use librosa, because importing that and its compiler takes
longer than all of craft may take. It is tested on clicks with known times.
"""

import dataclasses
import functools
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.loops.cancel import Check, no_check
from engine.loops.take import Audio

Floats = NDArray[np.float64]
Place = TypeVar("Place", float, Floats)

ANALYSIS_RATE = 22_050
HOP = 128
HOPS_PER_S = ANALYSIS_RATE / HOP
_WINDOW = 512
_LAG_HOPS = 2
_COMPRESSION = 1_000.0
_BANDS = 24
_LOW_BANDS = 5
BAND_GROUPS = ((0, 5), (5, 12), (12, 24))
"""Low, middle and high bands: the first band of each, and the band after its last."""
_USUAL_LEVEL = 0.15
_CANCELLED = 1e-3
"""The share of a channel's power below which the mean of two in opposite phase is useless."""
_AT_ONCE, _LONG_AT_ONCE = 4096, 256
LONG_WINDOW, LONG_HOP = 8192, 2048
_DELAY_S = 0.001
"""How much earlier than an onset its flux peaks; measured on clicks, see the tests."""


@dataclasses.dataclass(frozen=True)
class Features:
    """The features of a take.

    Attributes:
        mono: one channel at `ANALYSIS_RATE`, at a normalised level.
        closed: whether it is a closed loop; then all features are computed on a circle.
        length_s: its length in seconds.
        check: called between the steps of whatever is computed from them.
    """

    mono: Floats
    closed: bool
    length_s: float
    check: Check = no_check

    @functools.cached_property
    def bands(self) -> Floats:
        """The log spectrum, (hops, 24 bands) from 40 Hz to 11 kHz."""
        hops = max(1, round(self.length_s * HOPS_PER_S))
        half = _WINDOW // 2
        mode = "wrap" if self.closed else "constant"
        padded = np.pad(self.mono, (half, half + HOP), mode=mode)  # type: ignore[call-overload]
        starts = np.minimum(
            np.rint(np.arange(hops) * (len(self.mono) / hops)).astype(int), len(padded) - _WINDOW
        )
        frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
        window, matrix = np.hanning(_WINDOW) / (_WINDOW / 4), _band_matrix()
        parts = [
            magnitudes @ matrix for magnitudes in self._spectra(frames, starts, window, _AT_ONCE)
        ]
        return np.log1p(_COMPRESSION * np.concatenate(parts))

    @functools.cached_property
    def long_spectrum(self) -> Floats:
        """The magnitudes of long windows, (windows, bins), for pitch rather than timing."""
        mono = self.mono
        if self.closed:
            mono = np.pad(mono, (0, LONG_WINDOW), mode="wrap")
        elif len(mono) < LONG_WINDOW:
            mono = np.pad(mono, (0, LONG_WINDOW - len(mono)))
        frames = np.lib.stride_tricks.sliding_window_view(mono, LONG_WINDOW)
        starts, window = np.arange(0, len(frames), LONG_HOP), np.hanning(LONG_WINDOW)
        return np.concatenate([*self._spectra(frames, starts, window, _LONG_AT_ONCE)])

    def _spectra(
        self, frames: Floats, starts: NDArray[np.int_], window: Floats, at_once: int
    ) -> Iterator[Floats]:
        """Yield the magnitudes of the windowed frames at `starts`, (frames, bins), some at a time.

        `frames` is a view with a frame for each sample.
        """
        for first in range(0, len(starts), at_once):
            self.check()
            some = frames[starts[first : first + at_once]]
            yield np.abs(np.fft.rfft(some * window, axis=1))

    @functools.cached_property
    def rises(self) -> Floats:
        """How much each band rises at each hop, (hops, 24), not negative."""
        before = np.roll(self.bands, _LAG_HOPS, axis=0)
        if not self.closed:
            before[:_LAG_HOPS] = self.bands[0]
        return np.maximum(self.bands - before, 0.0)

    @functools.cached_property
    def onsets(self) -> Floats:
        """The onset strength at each hop."""
        mean: Floats = self.rises.mean(axis=1)
        return mean

    @functools.cached_property
    def low_onsets(self) -> Floats:
        """The onset strength below about 160 Hz: where kicks and basses begin."""
        mean: Floats = self.rises[:, :_LOW_BANDS].mean(axis=1)
        return mean

    def time_of(self, hops: Place) -> Place:
        """Return the times of onsets whose strength peaks at `hops`, in seconds."""
        return hops / HOPS_PER_S + _DELAY_S

    def onset_hops(self, times_s: Floats) -> Floats:
        """Return the fractional hops at which onsets at these times are strongest."""
        return (times_s - _DELAY_S) * HOPS_PER_S


def extract_features(
    audio: Audio, rate: int, *, closed: bool = False, check: Check = no_check
) -> Features:
    """Return the features of audio, (frames, channels) at `rate` Hz.

    `check` is called between the steps, also of what is computed from the features later.
    """
    import soxr

    check()
    mono = _mixed(audio)
    check()
    length_s = len(mono) / rate
    if closed:
        edge = min(len(mono), rate // 10)
        padded = np.concatenate([mono[-edge:], mono, mono[:edge]])
        whole = soxr.resample(padded, rate, ANALYSIS_RATE)
        skip = round(edge * ANALYSIS_RATE / rate)
        resampled = whole[skip : skip + round(length_s * ANALYSIS_RATE)]
    else:
        resampled = soxr.resample(mono, rate, ANALYSIS_RATE)
    check()
    return Features(_normalised(np.asarray(resampled, np.float64)), closed, length_s, check)


def _mixed(audio: Audio) -> Audio:
    """Return the mean of the channels, or the first alone if they cancel each other out."""
    mono = audio[:, 0].astype(np.float32)
    for channel in audio.T[1:]:  # numpy is slow along so short an axis
        mono += channel
    mono /= audio.shape[1]
    first = np.ascontiguousarray(audio[:, 0])
    return mono if np.vdot(mono, mono) >= _CANCELLED * np.vdot(first, first) else first


def _normalised(mono: Floats) -> Floats:
    """Return audio at a normalised level, so that a soft take is analysed like a loud one."""
    level = float(np.sqrt(np.mean(mono**2))) if len(mono) else 0.0
    return mono * (_USUAL_LEVEL / level) if level > 1e-7 else mono


def grouped(bands: Floats, groups: Iterable[tuple[int, int]]) -> Floats:
    """Return the mean of each group of bands, (hops, groups)."""
    return np.stack([bands[:, low:high].mean(axis=1) for low, high in groups], axis=1)


@functools.cache
def _band_matrix() -> Floats:
    """Return (bins, bands): triangles evenly spaced in pitch, each at least a bin wide."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / ANALYSIS_RATE)
    edges = np.geomspace(30.0, 11_000.0, _BANDS + 2)
    width = bins[1]
    matrix = np.zeros((len(bins), _BANDS))
    for band in range(_BANDS):
        low, middle, high = edges[band : band + 3]
        low, high = min(low, middle - width), max(high, middle + width)
        rise, fall = (bins - low) / (middle - low), (high - bins) / (high - middle)
        matrix[:, band] = np.clip(np.minimum(rise, fall), 0.0, None)
    shares: Floats = matrix / matrix.sum(axis=0)
    return shares
