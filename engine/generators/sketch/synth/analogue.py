"""Analogue synthesisers: oscillators that run freely, and filters that never open twice alike."""

import dataclasses

import numpy as np

from engine.generators.sketch.synth.subtractive import Subtractive
from engine.generators.sketch.synth.tables import Float
from engine.generators.sketch.synth.voice import Character, Strike


@dataclasses.dataclass(frozen=True)
class Analogue:
    """A subtractive voice with the tolerances of its parts.

    Attributes:
        voice: the voice as it is meant.
        tune_cents: how far a note is out of tune.
        cutoff_octaves: how far its filter is off.
        free: how much of a turn the oscillators may have run before a note; 0 starts each alike, as
            the lowest notes need.
        glide_cents: from how far above or below a note its pitch settles.
        side: level of the sides of unison; at 1, voices are spread over the whole stereo field.
    """

    voice: Subtractive
    tune_cents: float = 3.0
    cutoff_octaves: float = 0.15
    free: float = 1.0
    glide_cents: float = 0.0
    side: float = 1.0

    def render(self, strike: Strike, character: Character, rate: int) -> Float:
        """Return one note: (frames,) for one voice, (2, frames) for unison."""
        rng = np.random.default_rng([round(64 * strike.freq_hz), round(1000 * strike.chance)])
        voice, tuning = self.voice, 2 ** (rng.normal(0, self.tune_cents) / 1200)
        touched = dataclasses.replace(
            voice,
            cutoff_hz=voice.cutoff_hz * 2 ** rng.normal(0, self.cutoff_octaves),
            env_octaves=voice.env_octaves * (1 + rng.normal(0, 0.08)),
            env_s=voice.env_s * 2 ** rng.normal(0, 0.2),
            detune_cents=voice.detune_cents * 2 ** rng.normal(0, 0.2),
            phase=self.free * rng.random(),
        )
        from_hz = strike.from_hz
        if from_hz is None and self.glide_cents:
            from_hz = strike.freq_hz * 2 ** (rng.normal(0, self.glide_cents) / 1200)
        tuned = dataclasses.replace(
            strike,
            freq_hz=strike.freq_hz * tuning,
            from_hz=None if from_hz is None else from_hz * tuning,
        )
        sound = touched.render(tuned, character, rate)
        if sound.ndim == 1 or self.side == 1:
            return sound
        middle = sound.mean(axis=0, keepdims=True)
        return middle + np.float32(self.side) * (sound - middle)
