"""Struck and plucked voices: FM electric pianos and bells, plucked strings, organ pipes.

FM: Chowning, "The Synthesis of Complex Audio Spectra by Means of Frequency Modulation", JAES
21(7), 1973. The index is held so low that Carson's bandwidth stays inside the band. Strings: each
harmonic decays by itself, the higher the faster, as in a damped string.
"""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.envelopes import Adsr, decay
from engine.generators.sketch.synth.tables import (
    Float,
    band_top_hz,
    cycles,
    harmonic_count,
    phase_of,
    play,
    play_sweep,
    wrapped_phase,
)
from engine.generators.sketch.synth.voice import Character, Strike

_TWO_PI = np.float32(2 * np.pi)


@dataclasses.dataclass(frozen=True)
class FmPair:
    """One modulator on one carrier; frequencies are multiples of the note."""

    ratio: float
    index: float
    index_s: float
    carrier: float = 1.0
    level: float = 1.0
    decay_s: float = 1.5


@dataclasses.dataclass(frozen=True)
class Fm:
    """A sum of FM pairs with one amplitude envelope; velocity opens the index."""

    pairs: tuple[FmPair, ...]
    amp: Adsr = Adsr(0.002, 1.5, 0.0, 0.1)
    tremolo: float = 0.0
    gain: float = 1.0

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note; (2, frames) with tremolo (it pans), else (frames,)."""
        level = character.bent(self.amp).shape(strike.held_frames, rate) * np.float32(
            self.gain * strike.velocity
        )
        time = np.arange(len(level), dtype=np.float32) / np.float32(rate)
        sound = np.zeros(len(level), np.float32)
        for pair in self.pairs:
            sound += _fm(pair, strike, character, time, rate)
        sound *= level
        if not self.tremolo:
            return sound
        swing = np.float32(self.tremolo) * np.sin(_TWO_PI * 4.8 * time)
        return np.stack([sound * (1 + swing), sound * (1 - swing)])


def _fm(pair: FmPair, strike: Strike, character: Character, time: Float, rate: int) -> Float:
    wish = pair.index * (0.35 + 0.9 * strike.velocity) * 2 ** (0.9 * character.bright_octaves)
    modulator_hz = pair.ratio * strike.freq_hz
    room = (band_top_hz(rate) - pair.carrier * strike.freq_hz) / modulator_hz - 1.5
    if pair.carrier * strike.freq_hz > 0.9 * band_top_hz(rate):
        return np.zeros_like(time)
    index = np.float32(max(0.0, min(wish + 2.5 * character.drive, room)))
    modulation = index * decay(time, pair.index_s * character.decay)
    modulation *= np.sin(_radians(modulator_hz, len(time), rate))
    tone = np.sin(_radians(pair.carrier * strike.freq_hz, len(time), rate) + modulation)
    return np.float32(pair.level) * decay(time, pair.decay_s * character.decay) * tone


def _radians(freq_hz: float, frames: int, rate: int) -> Float:
    return phase_of(freq_hz, frames, rate).astype(np.float32) * np.float32(2 * np.pi / 2**32)


@dataclasses.dataclass(frozen=True)
class Pluck:
    """A plucked string.

    Attributes:
        place: where it is plucked, 0..0.5 of its length.
        damping: decays per second of the fundamental, and `dull` of the squared harmonic number.
        tilt: exponent by which the harmonics fall at the start.
    """

    place: float = 0.2
    damping: float = 1.2
    dull: float = 0.02
    tilt: float = 1.0
    amp: Adsr = Adsr(0.001, 2.0, 0.0, 0.05)
    gain: float = 1.6

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note, (frames,)."""
        level = character.bent(self.amp).shape(strike.held_frames, rate) * np.float32(
            self.gain * strike.velocity
        )
        duration = len(level) / rate
        number = np.arange(1, harmonic_count(strike.freq_hz, rate) + 1)
        tilt = self.tilt - 0.45 * character.bright_octaves - 0.4 * (strike.velocity - 0.8)
        start = np.sin(np.pi * number * self.place) / number ** max(tilt, 0.2)
        start /= np.sqrt(np.sum(start**2)) * 1.4
        times = np.concatenate([[0.0], np.geomspace(0.004, max(duration, 0.01), 23)])
        loss = (self.damping + self.dull * (number - 1) ** 2) / character.decay
        loss /= 2 ** (0.6 * character.bright_octaves)
        tables = cycles(start * np.exp(-loss * times[:, None]))
        now = np.arange(len(level)) / rate
        position = np.interp(now, times, np.arange(len(times))).astype(np.float32)
        phase = phase_of(strike.freq_hz, len(level), rate)
        return play_sweep(tables, phase, position) * level


@dataclasses.dataclass(frozen=True)
class Organ:
    """A drawbar organ: levels 0-8 of the footages 16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1'."""

    drawbars: tuple[int, ...] = (8, 6, 8, 4, 0, 0, 0, 2)
    spin_hz: float = 5.8
    amp: Adsr = Adsr(0.006, 1.0, 1.0, 0.03)
    gain: float = 0.5

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note with a rotating loudspeaker, (2, frames)."""
        level = character.bent(self.amp).shape(strike.held_frames, rate) * np.float32(
            self.gain * strike.velocity
        )
        half = np.array([1, 3, 2, 4, 6, 8, 10, 16])
        base_hz = strike.freq_hz / 2
        spectrum = np.zeros(16)
        spectrum[half - 1] = np.array(self.drawbars) / 8
        spectrum *= np.arange(1, 17) ** (0.45 * character.bright_octaves)
        spectrum[int(band_top_hz(rate) / base_hz) :] = 0
        spectrum /= np.sqrt(np.sum(spectrum**2)) + 1e-9
        table = cycles(spectrum)
        time = np.arange(len(level)) / rate
        turn = 2 * np.pi * self.spin_hz * time
        sides = [
            play(table, wrapped_phase(time * base_hz + sign * 6e-5 * base_hz * np.sin(turn)))
            * (1 + sign * np.float32(0.2) * np.cos(turn).astype(np.float32))
            for sign in (1, -1)
        ]
        return np.stack(sides) * level
