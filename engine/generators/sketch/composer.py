"""The composer: from a brief to the score of every part."""

import math
from typing import TypeVar

import numpy as np

from engine.generators.sketch.brief import Brief, Seed
from engine.generators.sketch.drummer import drummed
from engine.generators.sketch.fitting import crowding, fitted, guided_chords, options_of
from engine.generators.sketch.harmony import Chord, progression
from engine.generators.sketch.lead import lead_notes
from engine.generators.sketch.parts import bass_notes, chord_notes
from engine.generators.sketch.rhythm import drum_strokes, percussion_strokes
from engine.generators.sketch.score import Note, Score, Stroke, bar_of

Event = TypeVar("Event", Note, Stroke)


def composed(brief: Brief, seed: Seed) -> Score:
    """Return the score of every part; a texture has no notes, so it is not in the score.

    If the parts follow a guide, several are composed, and the one with the most room is taken.
    """
    guide = brief.guide
    if guide is None:
        return _composed(brief, chords_of(brief, seed), seed)
    chords = chords_of(brief, seed)
    options = (
        fitted(_composed(brief, chords, each), guide, chords, bar_of(brief.grid.meter))
        for each in options_of(seed)
    )
    return min(options, key=lambda score: crowding(score, guide))


def chords_of(brief: Brief, seed: Seed) -> list[Chord]:
    """Return the chords of a brief: those that it follows, or a progression of its own."""
    bar = bar_of(brief.grid.meter)
    bars = brief.grid.bars or math.ceil(float(brief.grid.quarters) / bar.quarters)
    if brief.guide is not None and brief.guide.chords:
        return guided_chords(brief.guide, bars * bar.quarters)
    return progression(brief, bars, bar.quarters, seed)


def _composed(brief: Brief, chords: list[Chord], seed: Seed) -> Score:
    bar = bar_of(brief.grid.meter)
    bars = brief.grid.bars or math.ceil(float(brief.grid.quarters) / bar.quarters)
    score = Score()
    for role in brief.roles:
        if role in ("drums", "percussion"):
            write = drum_strokes if role == "drums" else percussion_strokes
            strokes = write(brief, bars, seed)
            if brief.version > 1:
                strokes = drummed(brief, bars, seed, strokes)
            score.strokes[role] = _cut_strokes(brief, strokes)
        elif role != "texture":
            score.notes[role] = _cut_notes(brief, _pitched(brief, chords, seed, role))
    return score


def varied(base: Score, other: Score, amount: float, rng: np.random.Generator) -> Score:
    """Return a score in which a share of the beats of every part comes from another score.

    `amount` is the share, 0..1; above 0, at least one beat of each part is the other's. `rng`
    chooses the beats.
    """
    return Score(
        {
            role: _beats_of(part, other.strokes[role], amount, rng)
            for role, part in base.strokes.items()
        },
        {
            role: _beats_of(part, other.notes[role], amount, rng)
            for role, part in base.notes.items()
        },
    )


def _beats_of(
    base: list[Event], other: list[Event], amount: float, rng: np.random.Generator
) -> list[Event]:
    beats = sorted({int(event.start) for event in (*base, *other)})
    count = int(np.ceil(amount * len(beats)))
    new = set(rng.choice(beats, count, replace=False).tolist()) if beats else set()
    return [event for event in base if int(event.start) not in new] + [
        event for event in other if int(event.start) in new
    ]


def _pitched(brief: Brief, chords: list[Chord], seed: Seed, role: str) -> list[Note]:
    if role == "bass":
        return bass_notes(brief, chords, seed)
    if role == "lead" or (role == "chords" and brief.axes["arpeggio"] > 0):
        return lead_notes(brief, chords, seed)
    return chord_notes(brief, chords, seed, role)


def _cut_strokes(brief: Brief, strokes: list[Stroke]) -> list[Stroke]:
    """Cut the strokes of a one-shot; for a named drum, return one stroke at the start."""
    if brief.grid.is_loop:
        return strokes
    if brief.voices:
        return [Stroke(0.0, brief.voices[0], 0.95)]
    return [stroke for stroke in strokes if stroke.start < float(brief.grid.quarters)]


def _cut_notes(brief: Brief, notes: list[Note]) -> list[Note]:
    """For a one-shot, return the first note or chord, held for most of its length."""
    if brief.grid.is_loop or not notes:
        return notes
    first = min(note.start for note in notes)
    held = 0.7 * float(brief.grid.quarters)
    return [
        Note(note.start - first, held, note.midi, note.velocity)
        for note in notes
        if note.start - first < 0.1
    ]
