"""What sketch plays as MIDI: the notes as the band plays them, and General MIDI's drums."""

from collections.abc import Iterator

from engine.generators.sketch.band import played_notes
from engine.generators.sketch.score import Score
from engine.generators.sketch.stage import Stage
from engine.loops.midi import MidiNote, MidiPart

DRUM_NUMBERS = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "brush": 40, "tom_low": 45, "hat": 42,
    "pedal": 44, "openhat": 46, "tom_mid": 47, "crash": 49, "tom_high": 50, "ride": 51,
    "bell": 53, "tambourine": 54, "metal": 55, "cowbell": 56, "bongo": 60, "conga_high": 63,
    "conga_low": 64, "shaker": 70, "clave": 75, "block": 76, "log": 77, "triangle": 81,
    "snap": 39, "taiko": 41,
}  # fmt: skip
"""The note of General MIDI, or of its nearest drum, for each drum voice."""
_STROKE_QUARTERS = 0.25


def midi_parts(stage: Stage, score: Score) -> tuple[MidiPart, ...]:
    """Return the parts that have notes, in the order of the brief."""
    return tuple(_parts(stage, score))


def _parts(stage: Stage, score: Score) -> Iterator[MidiPart]:
    for role in stage.brief.roles:
        if role in score.strokes:
            strokes = (
                MidiNote(
                    _quarters(stage, stage.frame(stroke.start, stroke.late_s)),
                    _STROKE_QUARTERS,
                    DRUM_NUMBERS[stroke.voice],
                    stroke.velocity,
                )
                for stroke in score.strokes[role]
            )
            yield MidiPart(role, tuple(strokes), is_drums=True)
        elif role in score.notes:
            notes = (
                MidiNote(
                    _quarters(stage, played.frame),
                    _quarters(stage, played.held),
                    played.note.midi,
                    played.velocity,
                )
                for played in played_notes(stage, role, score.notes[role])
            )
            yield MidiPart(role, tuple(notes))


def _quarters(stage: Stage, frames: int) -> float:
    return frames / stage.rate / stage.beat_s
