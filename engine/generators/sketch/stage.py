"""The conditions under which a brief is played: the loop's circle, the feel, the adjectives."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.score import swung
from engine.generators.sketch.synth.circle import Float
from engine.generators.sketch.synth.drums import Drum
from engine.generators.sketch.synth.voice import Character
from engine.loops.cancel import Check, unless_cancelled


class OwnSounds(NamedTuple):
    """What plays instead of synthesis: sounds by drum, or a soundfont for all parts with notes."""

    drums: Mapping[str, Drum]
    soundfont: Path | None


SYNTHESISED = OwnSounds({}, None)


@dataclasses.dataclass(frozen=True)
class Stage:
    """The conditions for playing a brief: the circle's length, the feel, the adjectives."""

    brief: Brief
    frames: int
    seed: Seed
    check_cancel: Check
    own: OwnSounds = SYNTHESISED

    @property
    def rate(self) -> int:
        """The sample rate in Hz."""
        return self.brief.grid.rate

    @property
    def beat_s(self) -> float:
        """Seconds per quarter note."""
        return 60.0 / self.brief.grid.bpm

    @property
    def swing(self) -> tuple[float, float]:
        """Swing, 0.5-0.667, and the pair of notes it divides, in quarter notes."""
        style, amount = self.brief.style, self.brief.axes["swing"]
        pair = 1.0 if style.swing_eighths else 0.5
        if self.brief.axes["triplet"] > 0:
            return 2 / 3, 1.0
        if amount > 0:
            return style.swing + (0.667 - style.swing) * amount, pair
        return 0.5 + (style.swing - 0.5) * (1 + amount), pair

    def frame(self, start_quarters: float, late_s: float = 0.0) -> int:
        """Return the frame of a position in the score, swung."""
        swing, pair = self.swing
        seconds = swung(start_quarters, swing, pair) * self.beat_s + late_s
        return round(seconds * self.rate)

    def done(self, work: Callable[[], Float]) -> Float:
        """Return the result of work on a whole loop, which a cancel does not wait for."""
        return unless_cancelled(work, self.check_cancel)

    @property
    def character(self) -> Character:
        """The adjectives, as the instruments use them."""
        axes, style = self.brief.axes, self.brief.style
        return Character(
            bright_octaves=style.bright + 1.1 * axes["bright"] - 0.35 * axes["warm"],
            drive=max(0.0, 0.5 * style.drive + 0.6 * axes["drive"]),
            attack=2 ** (-2.2 * axes["hard"]),
            ease_s=max(0.0, -0.025 * axes["hard"]),
            decay=2 ** (0.9 * axes["long"]),
        )


def sound_of(brief: Brief, role: str, seed: Seed) -> str:
    """Return the name of the patch that plays a role."""
    if brief.sounds.get(role):
        return brief.sounds[role][0]
    style = brief.style
    choices = {
        "bass": style.bass_sounds, "chords": style.chord_sounds, "pad": style.pad_sounds,
        "lead": style.lead_sounds,
    }[role]  # fmt: skip
    allowed = [name for name in choices if name not in brief.without] or list(choices)
    return allowed[int(stream(seed, "sound", role).integers(len(allowed)))]


def varied_character(stage: Stage, role: str) -> Character:
    """Return the character of a part, slightly different for every seed."""
    character = stage.character
    rng = stream(stage.seed, "setting", role)
    return dataclasses.replace(
        character,
        bright_octaves=character.bright_octaves + rng.uniform(-0.3, 0.3),
        decay=character.decay * 2 ** rng.uniform(-0.3, 0.3),
    )


def panned(side: float) -> Float:
    """Return left and right gains for a pan position from -1 to 1, at equal power."""
    angle = (np.clip(side, -1, 1) + 1) * np.pi / 4
    return np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))
