"""Strings by their modes: pianos, guitars, basses and harps.

Each partial of a stiff string lies a little above its harmonic, decays by itself, and is double
where a note has two strings or a string two directions to move in: the pair beats. The body answers
with modes of its own, the hammer or the pick with a knock. Fletcher & Rossing, The Physics of
Musical Instruments, ch. 2, 9 and 12; Weinreich, "Coupled Piano Strings", JASA 62(6), 1977.
"""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.envelopes import Adsr
from engine.generators.sketch.synth.tables import Float, band_top_hz
from engine.generators.sketch.synth.voice import Character, Strike

_MOST_PARTIALS = 36
_CUT_LIVES = 7.0


@dataclasses.dataclass(frozen=True)
class Strings:
    """A struck or plucked string on a body.

    Attributes:
        place: where it is struck, 0..0.5 of its length.
        damping: decays per second of the fundamental; `dull` adds to them by partial squared.
        tilt: exponent by which the partials fall at the start.
        stiff: inharmonicity at A3; it grows with pitch.
        beat_cents: how far the two strings of a note, or its two directions, are apart.
        body: modes of the body: (Hz, level, decay time in s).
        hard: how much brighter a strong note is than a weak one, in exponents of `tilt`.
        amp: attack and release; its decay and sustain are those of the string itself.
    """

    place: float = 0.15
    damping: float = 1.0
    dull: float = 0.012
    tilt: float = 1.0
    stiff: float = 0.0
    beat_cents: float = 1.0
    body: tuple[tuple[float, float, float], ...] = ()
    hard: float = 0.8
    amp: Adsr = Adsr(0.001, 1.0, 1.0, 0.06)
    gain: float = 1.2

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note, (frames,)."""
        amp = dataclasses.replace(character.bent(self.amp), decay_s=1.0, sustain=1.0)
        level = amp.shape(strike.held_frames, rate) * np.float32(self.gain * strike.velocity)
        hz, levels, losses = self._partials(strike, character, rate)
        time = np.arange(len(level), dtype=np.float64) / rate
        sound = np.zeros(len(level), np.float32)
        apart = np.float32(np.pi * (2 ** (self.beat_cents / 1200) - 1))
        for partial_hz, partial, loss in zip(hz, levels, losses, strict=True):
            frames = min(len(level), int(_CUT_LIVES / loss * rate) + 64)
            turns = partial_hz * time[:frames]
            wave = np.sin(((turns - np.floor(turns)) * (2 * np.pi)).astype(np.float32))
            wave *= np.exp((time[:frames] * -loss).astype(np.float32))
            if self.beat_cents:
                # The pair starts together; what is left when they are apart decays more slowly.
                wave *= np.float32(0.6) + np.float32(0.4) * np.cos(
                    (apart * partial_hz * time[:frames]).astype(np.float32)
                )
            sound[:frames] += np.float32(partial) * wave
        self._add_body(sound, strike.velocity, character, rate)
        return sound * level

    def _partials(
        self, strike: Strike, character: Character, rate: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return frequency in Hz, level, and decays per second of each partial."""
        number = np.arange(1, _MOST_PARTIALS + 1)
        stiff = self.stiff * (strike.freq_hz / 220.0) ** 1.5
        hz = number * strike.freq_hz * np.sqrt((1 + stiff * number**2) / (1 + stiff))
        tilt = self.tilt - 0.45 * character.bright_octaves - self.hard * (strike.velocity - 0.8)
        levels = np.sin(np.pi * number * self.place) / number ** max(tilt, 0.2)
        levels /= np.sqrt(np.sum(levels**2)) * 1.4
        losses = self.damping * (strike.freq_hz / 220.0) ** 0.35 + self.dull * (number - 1) ** 2
        losses = losses / character.decay / 2 ** (0.6 * character.bright_octaves)
        heard = (hz < band_top_hz(rate)) & (np.abs(levels) > 1e-3)
        return hz[heard], levels[heard], losses[heard]

    def _add_body(self, sound: Float, velocity: float, character: Character, rate: int) -> None:
        for hz, level, life_s in self.body:
            frames = min(len(sound), int(_CUT_LIVES * life_s * rate))
            time = np.arange(frames, dtype=np.float32) / np.float32(rate)
            knock = level * velocity**0.8 * 2 ** (0.5 * character.drive)
            sound[:frames] += (
                np.float32(knock)
                * np.sin(time * np.float32(2 * np.pi * hz))
                * np.exp(time * np.float32(-1 / life_s))
            )
