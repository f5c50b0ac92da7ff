"""The band: plays strokes and notes with kits and patches onto the loop's circle."""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.score import Note, Stroke, swung
from engine.generators.sketch.synth.circle import Float, add_round
from engine.generators.sketch.synth.drums import DrumSound, Studio
from engine.generators.sketch.synth.kits import KITS
from engine.generators.sketch.synth.voice import Character, Strike, note_hz
from engine.loops.cancel import Check

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


@dataclasses.dataclass(frozen=True)
class Stage:
    """The conditions for playing a brief: the circle's length, the feel, the adjectives."""

    brief: Brief
    frames: int
    seed: Seed
    check_cancel: Check

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
        sides = _panned(_SIDES.get(stroke.voice, 0.0) * (1 + 0.8 * stage.brief.axes["wide"]))
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


def _panned(side: float) -> Float:
    """Return left and right gains for a pan position from -1 to 1, at equal power."""
    angle = (np.clip(side, -1, 1) + 1) * np.pi / 4
    return np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))


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


class PlayedNote(NamedTuple):
    """A note as the band plays it: swung, and as early, late and hard as a hand would.

    `frame` and `held` are where it begins and how long it is held, in frames.
    """

    note: Note
    frame: int
    held: int
    velocity: float


def played_notes(stage: Stage, role: str, notes: list[Note]) -> Iterator[PlayedNote]:
    """Yield the notes of a part as they are played."""
    rng = stream(stage.seed, "touch", role)
    loose_s = max(0.0, stage.brief.style.loose_ms * (1 + stage.brief.axes["loose"])) / 1000
    for note in sorted(notes, key=lambda note: note.start):
        start = stage.frame(note.start)
        held = max(stage.frame(note.start + note.length) - start, int(0.03 * stage.rate))
        velocity = float(np.clip(note.velocity + rng.uniform(-0.06, 0.06), 0.1, 1))
        late = int(abs(rng.normal(0, 0.6)) * loose_s * stage.rate)
        yield PlayedNote(note, start + late, held, velocity)


def play_notes(stage: Stage, role: str, notes: list[Note]) -> Float:
    """Return one pitched part of a loop, (2, frames)."""
    instrument = PATCHES[sound_of(stage.brief, role, stage.seed)]
    character = _varied(stage, role)
    circle = np.zeros((2, stage.frames), np.float32)
    spread = 0.0 if role == "bass" else 0.25 * (1 + stage.brief.axes["wide"])
    sounds: dict[tuple[int, int, int, int | None], Float] = {}
    for note, frame, held, velocity in played_notes(stage, role, notes):
        label = (note.midi, held // 64, round(velocity * 5), note.slide_from)
        if label not in sounds:
            stage.check_cancel()
            slide = None if note.slide_from is None else note_hz(note.slide_from)
            strike = Strike(note_hz(note.midi), held, max(round(velocity * 5) / 5, 0.2), slide,
                            stage.beat_s)  # fmt: skip
            sounds[label] = instrument.render(strike, character, stage.rate).astype(np.float32)
        side = spread * ((note.midi * 5) % 7 - 3) / 3
        gain = np.float32(velocity / max(round(velocity * 5) / 5, 0.2))
        add_round(circle, frame, sounds[label], gain * _panned(side))
    return circle


def _varied(stage: Stage, role: str) -> Character:
    """Return the character of a part, slightly different for every seed."""
    character = stage.character
    rng = stream(stage.seed, "setting", role)
    return dataclasses.replace(
        character,
        bright_octaves=character.bright_octaves + rng.uniform(-0.3, 0.3),
        decay=character.decay * 2 ** rng.uniform(-0.3, 0.3),
    )
