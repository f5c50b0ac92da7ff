"""Which drum a single sound is, by its sound: for kits whose files have no telling names."""

import numpy as np

from engine.loops.take import Audio

_LONG_S, _SHORT_S = 0.6, 0.16


def voice_heard(audio: Audio, rate: int) -> str:
    """Return the drum that a sound, (frames, channels), is most like.

    What matters is where most of its energy lies, how long it rings, and whether it is a tone.
    """
    mono = audio.mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono) * 2)[len(mono) :])) ** 2
    hertz = np.fft.rfftfreq(len(mono), 1 / rate)
    total = power.sum() + 1e-12
    low, high = power[hertz < 140].sum() / total, power[hertz > 4_000].sum() / total
    centre = float((power * hertz).sum() / total)
    length = _length_s(mono, rate)
    tonal = float(power.max() / total) * len(power) / 200
    if low > 0.6:
        return "kick"
    if high > 0.6:
        return "hat" if length < _SHORT_S else "openhat" if length < _LONG_S else "crash"
    if centre < 500 and tonal > 1:
        return "tom_low" if centre < 130 else "tom_mid" if centre < 220 else "conga_high"
    if tonal > 6:
        return "cowbell" if length > 0.08 else "rim"
    return "snare" if centre < 3_500 else "clap" if length < 0.35 else "ride"


def _length_s(mono: Audio, rate: int) -> float:
    """Return after how long 95 % of the energy have sounded, in seconds."""
    energy = np.cumsum(mono.astype(np.float64) ** 2)
    return float(np.searchsorted(energy, 0.95 * energy[-1]) / rate)
