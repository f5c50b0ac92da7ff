"""Horns and flutes: a section of players whose sound is brighter the harder they blow.

What makes a horn: its harmonics above the cutoff of the bell rise and fall with the force, the
pitch slides up to the note, and no two players begin, tune or tremble alike. Fletcher & Rossing,
The Physics of Musical Instruments, ch. 14; Risset & Mathews, "Analysis of Musical-Instrument
Tones", Physics Today 22(2), 1969.
"""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.envelopes import Adsr
from engine.generators.sketch.synth.tables import (
    Float,
    Phase,
    counted_cycles,
    cycles,
    harmonic_count,
    play_sweep,
    wrapped_phase,
)
from engine.generators.sketch.synth.voice import Character, Strike

_ROWS = 12
_STEP_HZ = 6000
"""Players begin at these steps, and breath has this band, so that the rate makes no difference."""
_SCOOP_S, _PUFF_S = 0.03, 0.025


@dataclasses.dataclass(frozen=True)
class Blown:
    """A section of wind players.

    Attributes:
        tilt: exponent by which the harmonics fall.
        soft_hz, hard_hz: the low-pass at no force and at full force.
        bell_hz: the middle of a broad resonance, which `bell` raises.
        players: how many; they are spread over `side` of the stereo field.
        late_s: by how much the last player may begin after the first.
        tune_cents: how far players are out of tune, and tremble.
        scoop_cents: from how far below they slide up to the note.
        breath: level of the breath, which is strongest at the start.
        vibrato_cents: depth of a vibrato that sets in after 0.3 s.
    """

    tilt: float = 0.75
    soft_hz: float = 500.0
    hard_hz: float = 3400.0
    bell_hz: float = 1250.0
    bell: float = 0.6
    players: int = 3
    side: float = 0.35
    late_s: float = 0.014
    tune_cents: float = 5.0
    scoop_cents: float = 45.0
    breath: float = 0.04
    vibrato_cents: float = 6.0
    amp: Adsr = Adsr(0.035, 0.35, 0.8, 0.05)
    gain: float = 1.0

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note, (2, frames)."""
        level = character.bent(self.amp).shape(strike.held_frames, rate)
        force = np.power(level, np.float32(0.7)) * np.float32(0.35 + 0.65 * strike.velocity)
        tables = self._tables(strike.freq_hz, character, rate)
        position = force * np.float32(_ROWS - 1)
        unit = rate // _STEP_HZ
        whole = np.zeros((2, len(level) + int(self.late_s * _STEP_HZ + 1) * unit), np.float32)
        rng = np.random.default_rng([round(64 * strike.freq_hz), round(1000 * strike.chance)])
        for player in range(self.players):
            late = round(rng.uniform(0, self.late_s) * _STEP_HZ) * unit if player else 0
            sound = play_sweep(tables, self._phase(strike, len(level), rate, rng), position)
            sound += self._breath(level, rate, rng)
            place = self.side * (2 * player / max(self.players - 1, 1) - 1)
            for channel, sign in enumerate((-1, 1)):
                gain = np.float32(np.sqrt((1 + sign * place) / 2))
                whole[channel, late : late + len(level)] += gain * sound * level
        return whole * np.float32(self.gain * strike.velocity / np.sqrt(self.players))

    def _tables(self, freq_hz: float, character: Character, rate: int) -> Float:
        """Return the cycle at each force, from none to full."""
        number = np.arange(1, harmonic_count(freq_hz, rate) + 1)
        hz = number * freq_hz
        bell = 1 + self.bell * np.exp(-((np.log2(hz / self.bell_hz) / 0.7) ** 2))
        cutoffs = np.geomspace(self.soft_hz, self.hard_hz, _ROWS) * 2**character.bright_octaves
        closed = 1 / np.sqrt(1 + (hz / cutoffs[:, None]) ** 6)
        spectra = 0.5 * number**-self.tilt * bell * closed
        return cycles(spectra)

    def _phase(self, strike: Strike, frames: int, rate: int, rng: np.random.Generator) -> Phase:
        """Return the phase of one player: out of tune, trembling, and up to the note from below."""
        time = np.arange(frames) / rate
        cents = rng.normal(0, self.tune_cents) + 0.6 * self.tune_cents * np.sin(
            2 * np.pi * (rng.uniform(0.8, 2.2) * time + rng.random())
        )
        cents -= rng.uniform(0.5, 1.4) * self.scoop_cents * np.exp(-time / _SCOOP_S)
        vibrato = np.sin(2 * np.pi * (rng.uniform(4.6, 5.6) * time + rng.random()))
        cents += self.vibrato_cents * np.clip((time - 0.3) / 0.4, 0, 1) * vibrato
        if strike.from_hz is not None:
            cents += 1200 * np.log2(strike.from_hz / strike.freq_hz) * np.exp(-time / 0.04)
        moving_hz = strike.freq_hz * np.exp2(cents / 1200)
        return wrapped_phase(rng.random() + counted_cycles(moving_hz, rate))

    def _breath(self, level: Float, rate: int, rng: np.random.Generator) -> Float:
        """Return the noise of the breath, with a puff at the start."""
        time = np.arange(len(level)) / rate
        noise = np.diff(rng.standard_normal(int(len(level) / rate * _STEP_HZ) + 3))
        puff = self.breath * (0.35 + np.exp(-time / _PUFF_S))
        return (puff * np.interp(time * _STEP_HZ, np.arange(len(noise)), noise)).astype(np.float32)
