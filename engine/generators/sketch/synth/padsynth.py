"""Pads, strings and choirs: each harmonic is a band of noise, so the sound lives by itself.

Method: Nasca Octavian Paul's PADsynth algorithm (zynaddsubfx, placed in the public domain by its
author): a long random-phase spectrum, transformed once, gives a table that runs round for ever.
"""

import dataclasses
import functools

import numpy as np

from engine.generators.sketch.synth.envelopes import Adsr
from engine.generators.sketch.synth.tables import Float, harmonic_count
from engine.generators.sketch.synth.voice import Character, Strike

_TABLE_AT_48K = 2**17
_SPARE_BINS = 8191
_VOWEL_AH = ((730, 90, 1.0), (1090, 110, 0.6), (2440, 170, 0.25), (3400, 250, 0.12))
"""Formants of a sung "ah": frequency and width in Hz, level (Peterson & Barney, 1952)."""


@dataclasses.dataclass(frozen=True)
class Pad:
    """A pad voice.

    Attributes:
        tilt: exponent by which the harmonics fall.
        width_cents: width of the noise band round each harmonic.
        cutoff_hz: a gentle low-pass, two poles.
        odd: level of the even harmonics, 0..1; 0 sounds hollow.
        vowel: shape by the formants of a sung "ah".
        air: level of breath noise between the harmonics, 0..1.
    """

    tilt: float = 1.1
    width_cents: float = 30.0
    cutoff_hz: float = 3000.0
    even: float = 1.0
    vowel: bool = False
    air: float = 0.0
    amp: Adsr = Adsr(0.35, 2.0, 0.85, 0.35)
    gain: float = 1.0

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note, (2, frames)."""
        level = character.bent(self.amp).shape(strike.held_frames, rate) * np.float32(
            self.gain * strike.velocity
        )
        table = self._table(strike.freq_hz, character, rate)
        start = int(strike.freq_hz * 7919) % table.shape[1]
        turns = -(-(start + len(level)) // table.shape[1])
        return np.tile(table, turns)[:, start : start + len(level)] * level

    def _table(self, freq_hz: float, character: Character, rate: int) -> Float:
        size = _TABLE_AT_48K * (2 if rate > 50_000 else 1)
        freqs = np.arange(size // 2 + 1) * (rate / size)
        number = np.arange(1, harmonic_count(freq_hz, rate) + 1)
        level = number ** -(self.tilt - 0.35 * character.bright_octaves)
        level = level * np.where(number % 2, 1.0, self.even)
        cutoff = self.cutoff_hz * 2**character.bright_octaves
        level = level / (1 + (number * freq_hz / cutoff) ** 4) ** 0.5
        if self.vowel:
            level = level * _formants(number * freq_hz)
        magnitude = np.zeros(len(freqs))
        for harmonic, amplitude in zip(number, level, strict=True):
            if amplitude > 1e-5:
                self._add_band(magnitude, freqs, harmonic * freq_hz, amplitude, rate / size)
        if self.air:
            magnitude += self.air * 0.02 * np.exp(-(((np.log2(freqs + 1) - 12) / 1.5) ** 2))
        first = int(freq_hz * 1000) % _SPARE_BINS
        bins = magnitude.astype(np.float32) * _phasors(size)[:, first : first + len(freqs)]
        table = np.fft.irfft(bins, size, axis=-1)
        return (table / (3.0 * table.std())).astype(np.float32)

    def _add_band(
        self, magnitude: np.ndarray, freqs: np.ndarray, centre: float, level: float, bin_hz: float
    ) -> None:
        width = max(centre * (2 ** (self.width_cents / 1200) - 1), 2 * bin_hz)
        low = max(int((centre - 3 * width) / bin_hz), 1)
        high = min(int((centre + 3 * width) / bin_hz) + 2, len(freqs))
        band = np.exp(-(((freqs[low:high] - centre) / width) ** 2))
        magnitude[low:high] += level * band / np.sqrt(width)


@dataclasses.dataclass(frozen=True)
class MovingPad:
    """A pad that moves: it opens and closes slowly, and swells, differently for each note.

    Attributes:
        pad: the sound when it is open.
        closed_octaves: how much lower its low-pass is when it is closed.
        turns_per_beat: how often it opens and closes, in cycles per quarter note.
        swell: depth of the slow tremolo, 0..1.
        side: level of the sides; at 1, left and right are independent.
    """

    pad: Pad
    closed_octaves: float = 1.8
    turns_per_beat: float = 0.5
    swell: float = 0.6
    side: float = 0.65

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note, (2, frames)."""
        closed = dataclasses.replace(
            self.pad, cutoff_hz=self.pad.cutoff_hz * 2**-self.closed_octaves
        )
        bright, dull = (pad.render(strike, character, rate) for pad in (self.pad, closed))
        time = np.arange(bright.shape[1], dtype=np.float32) / np.float32(rate)
        first = (strike.freq_hz * 0.618 + strike.chance) % 1.0
        speed = self.turns_per_beat / strike.beat_s * (1 + 0.2 * (strike.chance - 0.5))
        turns = np.float32(2 * np.pi) * (np.float32(speed) * time + np.float32(first))
        openness = np.float32(0.5) - np.float32(0.5) * np.cos(turns)
        swell = 1 + np.float32(self.swell) * np.sin(np.float32(1.61) * turns)
        whole = (dull + openness * (bright - dull)) * swell
        middle = whole.mean(axis=0, keepdims=True)
        return middle + np.float32(self.side) * (whole - middle)


@functools.cache
def _phasors(size: int) -> np.ndarray:
    """Return random phases for every note, each of which takes another part of them."""
    turns = np.random.default_rng(size).random((2, size // 2 + 1 + _SPARE_BINS), np.float32)
    return np.exp(np.complex64(2j * np.pi) * turns)


def _formants(freq_hz: np.ndarray) -> np.ndarray:
    shape = sum(
        level * np.exp(-(((freq_hz - centre) / (2.2 * width)) ** 2))
        for centre, width, level in _VOWEL_AH
    )
    return np.asarray(shape + 0.02)
