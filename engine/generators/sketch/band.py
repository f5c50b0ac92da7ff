"""The band: plays strokes and notes with kits and patches onto the loop's circle."""

import dataclasses
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.brief import stream
from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.score import Note, Stroke
from engine.generators.sketch.stage import Stage, panned, sound_of, varied_character
from engine.generators.sketch.synth.circle import Float, add_round
from engine.generators.sketch.synth.drum_models import Setting
from engine.generators.sketch.synth.drums import Drum, Hit
from engine.generators.sketch.synth.kits import FAMILIES, Family, drawn_drum
from engine.generators.sketch.synth.room import DrumRoom, Recording
from engine.generators.sketch.synth.voice import Character, Strike, note_hz
from engine.generators.sketch.version1.patches import PATCHES as PATCHES_1

_LEVELS = {
    "kick": 0.62, "snare": 0.8, "clap": 0.85, "rim": 0.6, "hat": 0.95, "openhat": 0.8,
    "pedal": 0.6, "ride": 0.6, "crash": 0.6, "shaker": 0.65, "tambourine": 0.55,
    "brush": 0.4, "cowbell": 0.32, "metal": 0.32, "bell": 0.3, "triangle": 0.22, "snap": 0.7,
    "taiko": 1.0, "log": 0.8,
}  # fmt: skip
_SIDES = {
    "hat": 0.2, "openhat": 0.25, "ride": -0.3, "crash": 0.35, "shaker": -0.4, "tambourine": 0.45,
    "tom_high": -0.3, "tom_mid": 0.0, "tom_low": 0.35, "conga_low": -0.35, "conga_high": 0.3,
    "bongo": 0.45, "cowbell": -0.3, "clave": 0.4, "block": -0.45, "triangle": 0.5, "rim": -0.15,
    "bell": 0.25, "metal": -0.25, "brush": -0.1, "snap": 0.1, "pedal": 0.15, "log": 0.0,
}  # fmt: skip


_TURNS = 3
"""A note that is played again sounds a little different, in this many ways in turn."""
_SILENT_DB = -120.0
_LONG_S = 1.5
"""Notes longer than this move by themselves."""


def play_drums(stage: Stage, strokes: list[Stroke]) -> Float:
    """Return the drums of a loop, recorded and mixed, (2, frames)."""
    family = FAMILIES[stage.brief.kit]
    room = drum_room(stage)
    circle = np.zeros((2, stage.frames), np.float32)
    kit: dict[str, tuple[Drum, float]] = {}
    ends = _choked(stage, strokes)
    for stroke in strokes:
        if stroke.voice not in kit:
            kit[stroke.voice] = _drawn(stage, family, stroke.voice)
            kit[stroke.voice][0].begin(stage.rate)
    for stroke in strokes:
        stage.check_cancel()
        drum, balance = kit[stroke.voice]
        place = stage.frame(stroke.start, stroke.late_s)
        chance = stream(stage.seed, "stroke", stroke.voice, round(stroke.start * 48))
        sound = drum.strike(Hit(stroke.velocity, chance, stage.rate))
        heard = _stopped(sound, ends[stroke], stage.rate) if stroke in ends else sound
        side = _SIDES.get(stroke.voice, 0.0) * (1 + 0.8 * stage.brief.axes["wide"])
        level = np.float32(_LEVELS.get(stroke.voice, 0.6) * balance)
        add_round(circle, place, heard, level * panned(0.6 * side))
    return stage.done(partial(room.recorded, circle))


def drum_room(stage: Stage) -> DrumRoom:
    """Return where the drums of a style are recorded."""
    sound = FAMILIES[stage.brief.kit].sound
    recording = Recording.drawn(sound, stream(stage.seed, "drum", "recording"))
    if not stage.brief.grid.is_loop:
        recording = dataclasses.replace(recording, hiss_db=_SILENT_DB)
    return DrumRoom(recording, stage.frames, stage.rate)


def _drawn(stage: Stage, family: Family, voice: str) -> tuple[Drum, float]:
    """Return a drum of one's own, or of the seed's kit, and its level."""
    if voice in stage.own.drums:
        return stage.own.drums[voice], 1.0
    axes, character = stage.brief.axes, stage.character
    setting = Setting(
        bright_octaves=character.bright_octaves,
        decay=character.decay,
        tune=2 ** (0.35 * -axes["low"]),
        drive=0.6 * character.drive,
        hard=axes["hard"],
    )
    return drawn_drum(family, voice, stream(stage.seed, "drum", voice), setting)


def _choked(stage: Stage, strokes: list[Stroke]) -> dict[Stroke, int]:
    """Return for each open hi-hat after how many frames the cymbals close again."""
    closing = sorted(
        stage.frame(stroke.start, stroke.late_s)
        for stroke in strokes
        if stroke.voice in ("hat", "pedal", "openhat")
    )
    ends: dict[Stroke, int] = {}
    for stroke in strokes:
        if stroke.voice == "openhat":
            place = stage.frame(stroke.start, stroke.late_s)
            later = [(close - place) % stage.frames for close in closing if close != place]
            ends[stroke] = min(later, default=stage.frames)
    return ends


def _stopped(sound: Float, frames: int, rate: int) -> Float:
    """Return a sound that dies within 20 ms from a frame on."""
    fade = int(0.02 * rate)
    if sound.shape[-1] <= frames + fade:
        return sound
    stopped = sound[..., : frames + fade].copy()
    stopped[..., frames:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return stopped


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
    first_version = stage.brief.version == 1
    patches = PATCHES_1 if first_version else PATCHES
    instrument = patches[sound_of(stage.brief, role, stage.seed)]
    character = varied_character(stage, role)
    circle = np.zeros((2, stage.frames), np.float32)
    spread = 0.0 if role == "bass" else 0.25 * (1 + stage.brief.axes["wide"])
    sounds: dict[tuple[int, ...], Float] = {}
    for note, frame, held, velocity in played_notes(stage, role, notes):
        alike = (note.midi, held // 64, round(velocity * 5), note.slide_from or 0)
        turn = 0 if first_version or held > _LONG_S * stage.rate else _turn(note)
        label = (*alike, turn)
        if label not in sounds:
            stage.check_cancel()
            slide = None if note.slide_from is None else note_hz(note.slide_from)
            strike = Strike(note_hz(note.midi), held, max(round(velocity * 5) / 5, 0.2), slide,
                            stage.beat_s, turn / _TURNS)  # fmt: skip
            touched = character if first_version else _touched(stage, character, note.midi, turn)
            sounds[label] = instrument.render(strike, touched, stage.rate).astype(np.float32)
        side = spread * ((note.midi * 5) % 7 - 3) / 3
        gain = np.float32(velocity / max(round(velocity * 5) / 5, 0.2))
        add_round(circle, frame, sounds[label], gain * panned(side))
    return circle


def _turn(note: Note) -> int:
    """Return which of its sounds a note has, by its place alone: a variation keeps the others."""
    sixteenth = round(4 * note.start)
    return (sixteenth + sixteenth // 3) % _TURNS


def _touched(stage: Stage, character: Character, midi: int, turn: int) -> Character:
    """Return the character of one note: no finger or hammer falls twice in the same way."""
    rng = stream(stage.seed, "finger", midi, turn)
    return dataclasses.replace(
        character,
        bright_octaves=character.bright_octaves + rng.normal(0, 0.1),
        decay=character.decay * 2 ** rng.normal(0, 0.08),
        attack=character.attack * 2 ** rng.normal(0, 0.15),
    )
