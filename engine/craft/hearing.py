"""What the measures of pulse and key listen to: one channel at 22,050 Hz, and its onset strength.

Onset strength is the rise of the log spectrum from hop to hop, band by band, rectified: spectral
flux with the compression and the lag of Böck & Widmer, "Maximum filter vibrato suppression for
onset detection" (DAFx 2013). It is our own, without librosa, since importing that and its compiler
takes longer than the whole of craft may. Checked on clicks, whose times are known.
"""

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from engine.loops.take import Audio

Floats = NDArray[np.float64]

HEARD_RATE = 22_050
HOP = 128
HOPS_PER_S = HEARD_RATE / HOP
_WINDOW = 512
_LAG_HOPS = 2
_COMPRESSION = 1_000.0
_BANDS = 24
_LOW_BANDS = 5
_DELAY_S = 0.001
"""How much earlier than an onset its flux peaks; found with clicks, see the tests."""


@dataclasses.dataclass(frozen=True)
class Heard:
    """A take as the measures hear it.

    Attributes:
        mono: one channel at `HEARD_RATE`.
        closed: whether it runs round; then all of the following does, too.
        length_s: its length in seconds.
    """

    mono: Floats
    closed: bool
    length_s: float

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
        frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[starts]
        spectrum = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) / (_WINDOW / 4)
        return np.log1p(_COMPRESSION * (spectrum @ _band_matrix()))

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

    @functools.cached_property
    def high_onsets(self) -> Floats:
        """The onset strength above about 300 Hz: snares, claps, hats."""
        mean: Floats = self.rises[:, _LOW_BANDS + 3 :].mean(axis=1)
        return mean

    def time_of(self, hop: float) -> float:
        """Return the time of an onset whose strength peaks at `hop`, in seconds."""
        return hop / HOPS_PER_S + _DELAY_S

    def hop_at(self, time_s: float) -> int:
        """Return the hop at which an onset at `time_s` is strongest."""
        return round((time_s - _DELAY_S) * HOPS_PER_S)


def hear(audio: Audio, rate: int, *, closed: bool = False) -> Heard:
    """Return what the measures hear of audio, (frames, channels) at `rate` Hz."""
    import soxr

    mono = audio.mean(axis=1, dtype=np.float32)
    length_s = len(mono) / rate
    if closed:
        edge = min(len(mono), rate // 10)
        padded = np.concatenate([mono[-edge:], mono, mono[:edge]])
        whole = soxr.resample(padded, rate, HEARD_RATE)
        skip = round(edge * HEARD_RATE / rate)
        heard = whole[skip : skip + round(length_s * HEARD_RATE)]
    else:
        heard = soxr.resample(mono, rate, HEARD_RATE)
    return Heard(np.asarray(heard, np.float64), closed, length_s)


@functools.cache
def _band_matrix() -> Floats:
    """Return (bins, bands): triangles, evenly spaced in pitch, each a bin wide at least."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / HEARD_RATE)
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
