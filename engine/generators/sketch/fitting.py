"""Parts that fit loops that are there: on their chords, in their groove, where there is room."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

from engine.generators.sketch.brief import Seed
from engine.generators.sketch.harmony import Chord, chord_at
from engine.generators.sketch.score import Bar, Note, Score
from engine.loops.guide import STEP_QUARTERS, Guide, GuideChord
from engine.loops.midi import MidiPart
from engine.loops.take import take_seed

OPTIONS = 12
"""How many parts are composed for each that is played."""
_SWING_ROOM = 0.04
"""How far from where the swing puts it a stroke may be, in quarter notes."""


def options_of(seed: Seed) -> Iterator[Seed]:
    """Yield the seeds of the parts among which one is chosen."""
    if not isinstance(seed, int):
        yield seed
        return
    for number in range(OPTIONS):
        yield take_seed(seed, number)


def guided_chords(guide: Guide, quarters: float) -> list[Chord]:
    """Return the chords of a guide, repeated up to a length in quarter notes."""
    chords: list[Chord] = []
    at = 0.0
    for chord in itertools.cycle(guide.chords):
        length = min(chord.length, quarters - at)
        chords.append(Chord(at, length, chord.root, chord.pitches))
        at += length
        if at >= quarters:
            return chords
    return chords


def guide_chords(chords: list[Chord]) -> tuple[GuideChord, ...]:
    """Return chords as a guide has them."""
    return tuple(GuideChord(each.start, each.length, each.root, each.pitches) for each in chords)


def groove_of(parts: Sequence[MidiPart], swings: Sequence[float]) -> tuple[float, ...]:
    """Return how much later than the grid each step is played, in quarter notes.

    Args:
        parts: the parts as they are played.
        swings: how late the swing puts each step, for those on which nobody plays.
    """
    late: list[list[tuple[float, float]]] = [[] for _ in swings]
    for note in (each for part in parts for each in part.notes):
        near = int(note.start // STEP_QUARTERS)
        for step in (near, near + 1):
            away, place = note.start - step * STEP_QUARTERS, step % len(swings)
            if abs(away - swings[place]) < _SWING_ROOM:
                late[place].append((away, note.velocity))
    return tuple(
        round(sum(a * v for a, v in found) / sum(v for _, v in found) if found else swing, 6)
        for found, swing in zip(late, swings, strict=True)
    )


def fitted(score: Score, guide: Guide, chords: list[Chord], bar: Bar) -> Score:
    """Return a score on the chords of its guide, and in its groove."""
    strokes = {
        role: [dataclasses.replace(each, start=guide.grooved(each.start)) for each in part]
        for role, part in score.strokes.items()
    }
    notes = {
        role: [_grooved(each, guide) for each in _on_chords(part, guide, chords, bar)]
        for role, part in score.notes.items()
    }
    return Score(strokes, notes)


def crowding(score: Score, guide: Guide) -> float:
    """Return how much of the notes lies where others play, 0..1; drums are where their style is."""
    weighed = [
        (each.velocity * guide.taken_at(each.start, each.length, each.midi), each.velocity)
        for part in score.notes.values()
        for each in part
    ]
    return sum(taken for taken, _ in weighed) / max(sum(played for _, played in weighed), 1e-9)


def _on_chords(notes: list[Note], guide: Guide, chords: list[Chord], bar: Bar) -> list[Note]:
    """Return notes of which those on strong beats are in the chord, and none outlasts it wrongly.

    A progression of the part's own needs no correction.
    """
    if not guide.chords:
        return notes
    beats = {step * bar.step for step in bar.beats}
    placed = []
    for note in notes:
        chord = chord_at(chords, note.start)
        # Strummed notes start a little after their beat.
        is_strong = round(note.start % bar.quarters / bar.step) * bar.step in beats
        midi = _nearest(note.midi, chord.pitches) if is_strong else note.midi
        following = chord_at(chords, chord.end)
        clashes = midi % 12 not in following.pitches and note.start + note.length > chord.end
        length = max(chord.end - note.start, 0.05) if clashes else note.length
        placed.append(dataclasses.replace(note, midi=midi, length=length))
    return placed


def _nearest(midi: int, pitches: tuple[int, ...]) -> int:
    """Return the nearest note of a chord; of two, the lower."""
    return min(range(midi - 6, midi + 7), key=lambda n: (n % 12 not in pitches, abs(n - midi), n))


def _grooved(note: Note, guide: Guide) -> Note:
    start, end = guide.grooved(note.start), guide.grooved(note.start + note.length)
    return dataclasses.replace(note, start=start, length=max(end - start, 0.05))
