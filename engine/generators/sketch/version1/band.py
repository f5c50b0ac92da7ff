"""The drums of sketch 1: each voice is synthesised once, and repeated."""

import numpy as np

from engine.generators.sketch.brief import stream
from engine.generators.sketch.score import Stroke
from engine.generators.sketch.stage import Stage, panned
from engine.generators.sketch.synth.circle import Float, add_round
from engine.generators.sketch.version1.drums import DrumSound, Studio
from engine.generators.sketch.version1.kits import KITS

_LEVELS = {
    "kick": 1.0, "snare": 0.75, "clap": 0.8, "rim": 0.5, "hat": 0.58, "openhat": 0.5,
    "pedal": 0.35, "ride": 0.36, "crash": 0.42, "shaker": 0.42, "tambourine": 0.35,
    "brush": 0.4, "cowbell": 0.32, "metal": 0.32, "bell": 0.3, "triangle": 0.22, "snap": 0.7,
    "taiko": 1.0, "log": 0.8,
}  # fmt: skip
_SIDES = {
    "hat": 0.2, "openhat": 0.25, "ride": -0.3, "crash": 0.35, "shaker": -0.4, "tambourine": 0.45,
    "tom_high": -0.3, "tom_mid": 0.0, "tom_low": 0.35, "conga_low": -0.35, "conga_high": 0.3,
    "bongo": 0.45, "cowbell": -0.3, "clave": 0.4, "block": -0.45, "triangle": 0.5, "rim": -0.15,
    "bell": 0.25, "metal": -0.25, "brush": -0.1, "snap": 0.1, "pedal": 0.15, "log": 0.0,
}  # fmt: skip


def play_drums(stage: Stage, strokes: list[Stroke]) -> Float:
    """Return the drums of a loop, (2, frames)."""
    circle = np.zeros((2, stage.frames), np.float32)
    sounds: dict[str, DrumSound] = {}
    top_gain = 2 ** (0.9 * stage.brief.axes["hard"])
    body_gain = 2 ** (0.15 * stage.brief.axes["hard"])
    for stroke in strokes:
        if stroke.voice not in sounds:
            stage.check_cancel()
            sounds[stroke.voice] = _drum(stage, stroke.voice)
        body, top = sounds[stroke.voice]
        place = stage.frame(stroke.start, stroke.late_s)
        level = _LEVELS.get(stroke.voice, 0.6)
        sides = panned(_SIDES.get(stroke.voice, 0.0) * (1 + 0.8 * stage.brief.axes["wide"]))
        add_round(circle, place, body, np.float32(level * body_gain * stroke.velocity) * sides)
        add_round(circle, place, top, np.float32(level * top_gain * stroke.velocity**1.5) * sides)
    return circle


def _drum(stage: Stage, voice: str) -> DrumSound:
    brief = stage.brief
    rng = stream(stage.seed, "drum", voice)
    # Another sample rate in the studio tunes the drum: pitch and decay change together.
    tuned = stage.rate * 2 ** (rng.uniform(-0.8, 0.8) / 12 + brief.axes["low"] * 0.35)
    character = stage.character
    studio = Studio(
        round(tuned), rng, character.bright_octaves,
        character.decay * 2 ** rng.uniform(-0.25, 0.25), 0.6 * character.drive,
    )  # fmt: skip
    body, top = KITS[brief.kit][voice](studio)
    if brief.axes["hard"] < 0:
        ramp = int(-0.006 * brief.axes["hard"] * stage.rate) + 1
        body, top = (_eased(sound, ramp) for sound in (body, top))
    return body, top


def _eased(sound: Float, ramp: int) -> Float:
    eased = sound.copy()
    count = min(ramp, len(eased))
    eased[:count] *= np.linspace(0, 1, count, dtype=np.float32)
    return eased
