"""Drums that are recorded sounds, struck like synthesised ones."""

import dataclasses

from engine.generators.sketch.synth.drums import Hit
from engine.generators.sketch.synth.tables import Float

_EVEN_DB = 0.5
"""No two strokes are equally loud; the level varies by so much."""
_STEEP = 1.15


@dataclasses.dataclass(frozen=True, eq=False)
class SampledDrum:
    """A recorded sound, (1 or 2, frames), with a peak of 1, at the rate of the loop."""

    sound: Float

    def begin(self, rate: int) -> None:
        """Do nothing: its sound is there."""

    def strike(self, hit: Hit) -> Float:
        """Return the sound of one stroke, (2, frames) or (frames,)."""
        level = hit.velocity**_STEEP * 10 ** (hit.rng.uniform(-_EVEN_DB, _EVEN_DB) / 20)
        sound = self.sound if len(self.sound) == 2 else self.sound[0]
        return (sound * level).astype(sound.dtype)
