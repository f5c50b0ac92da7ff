"""Plain tonal loops of known key for training: shared chords, a bass and a melody of its notes.

Sketch composes in styles. What a sample folder holds may be as plain as one chord that is held, or
two bars of a bass that never leaves its root; here the notes are all that says which key it is.
"""

from collections.abc import Sequence

import numpy as np

from engine.loops.key import Key, key_of
from engine.loops.midi import MidiNote, MidiPart
from engine.loops.tempo import LoopGrid

_PROGRESSIONS = {
    "major": (
        (1,), (1, 4), (1, 5), (1, 2), (1, 4, 5, 4), (1, 5, 6, 4), (1, 6, 4, 5), (1, 4, 6, 5),
        (1, 3, 4, 5), (1, 6, 2, 5), (2, 5, 1, 1), (4, 5, 1, 1), (4, 1, 5, 1), (1, 4, 1, 5),
    ),
    "minor": (
        (1,), (1, 4), (1, 7), (1, 6), (1, 5), (1, 7, 6, 7), (1, 6, 3, 7), (1, 4, 7, 3),
        (1, 6, 4, 5), (1, 4, 6, 5), (6, 7, 1, 1), (4, 5, 1, 1), (1, 3, 7, 4), (2, 5, 1, 1),
    ),
    "dorian": ((1,), (1, 4), (1, 2), (1, 7, 4, 4), (1, 4, 7, 4)),
    "mixolydian": ((1,), (1, 7), (1, 7, 4, 1), (1, 4, 7, 4), (1, 5, 7, 4)),
}  # fmt: skip
"""Chords by their degrees, each for a bar or for half of one."""
_MODES = ("major",) * 8 + ("minor",) * 9 + ("dorian",) * 2 + ("mixolydian",)
_CHORD_RHYTHMS = ((4.0,), (2.0, 2.0), (1.5, 2.5), (1.0,) * 4, (0.75, 0.75, 2.5), (0.5,) * 8)
_BASS_RHYTHMS = (
    (4.0,), (1.0,) * 4, (0.5,) * 8, (1.5, 0.5, 2.0), (0.75, 0.75, 0.5, 2.0), (0.25,) * 16,
    (3.0, 1.0), (2.5, 0.5, 1.0),
)  # fmt: skip
_MELODY_LENGTHS, _MELODY_SHARES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0), (2, 6, 1, 4, 1, 1)
_PENTATONIC = {"major": (0, 1, 2, 4, 5), "minor": (0, 2, 3, 4, 6)}
_LEADING = 0.6
"""How often the fifth chord of a minor key is a dominant, with its seventh degree raised."""
_LOWEST_BASS, _LOWEST_CHORD, _LOWEST_MELODY = 33, 50, 62
_BAR = 4.0
_DRUM_STEPS = {36: (0, 8), 38: (4, 12), 42: (0, 2, 4, 6, 8, 10, 12, 14)}
"""The sixteenths of a bar on which kick, snare and hi-hat are hit, if chance does not leave out."""
_STROKE_SAY = 0.85

Random = np.random.Generator


class _Chord:
    """The pitch classes of a chord of a key, its root first."""

    def __init__(self, key: Key, degree: int, random: Random) -> None:
        steps = list(key.steps)
        if key.mode == "minor" and degree == 5 and random.random() < _LEADING:
            steps[6] = 11
        size = int(random.choice((3, 3, 4, 5)))
        places = [degree - 1 + 2 * third for third in range(size)]
        if size == 3 and random.random() < 0.1:
            places[1] += int(random.choice((-1, 1)))
        self.scale = [(key.pitch_class + step) % 12 for step in steps]
        self.notes = [self.scale[place % 7] for place in places]


def composed(grid: LoopGrid, random: Random) -> tuple[Key, tuple[MidiPart, ...]]:
    """Return the key and the parts of a loop in 4/4: some of chords, bass, lead and drums."""
    mode = str(random.choice(_MODES))
    key = key_of(int(random.integers(12)), mode)
    shapes = _PROGRESSIONS[mode]
    degrees = shapes[int(random.integers(len(shapes)))]
    per_bar = 2 if len(degrees) > grid.bars or random.random() < 0.2 else 1
    length = _BAR / per_bar
    spans = [
        (number * length, length, _Chord(key, degrees[number % len(degrees)], random))
        for number in range(grid.bars * per_bar)
    ]
    makers = {"chords": _chords, "bass": _bass, "lead": _lead}
    roles = [role for role in makers if random.random() < 0.5] or [str(random.choice([*makers]))]
    parts = [MidiPart(role, tuple(makers[role](spans, key, random))) for role in roles]
    if random.random() < 0.35:
        parts.append(MidiPart("drums", tuple(_drums(grid.bars, random)), is_drums=True))
    return key, tuple(part for part in parts if part.notes)


Spans = Sequence[tuple[float, float, _Chord]]


def _near(pitch_class: int, lowest: int) -> int:
    """Return the lowest note of a pitch class from a number upwards."""
    return lowest + (pitch_class - lowest) % 12


def _velocity(random: Random) -> float:
    return float(random.uniform(0.55, 0.95))


def _in_span(rhythm: Sequence[float], start: float, length: float) -> list[tuple[float, float]]:
    """Return the starts and lengths of a bar's rhythm, as far as they begin in a span."""
    starts = np.cumsum([0.0, *rhythm[:-1]])
    return [
        (start + float(at), min(each, length - float(at)))
        for at, each in zip(starts, rhythm, strict=True)
        if at < length
    ]


def _chords(spans: Spans, _key: Key, random: Random) -> list[MidiNote]:
    rhythm = _CHORD_RHYTHMS[int(random.integers(len(_CHORD_RHYTHMS)))]
    lowest = _LOWEST_CHORD + int(random.integers(12))
    is_broken, held = random.random() < 0.3, float(random.uniform(0.4, 1.0))
    notes = []
    for start, length, chord in spans:
        numbers = sorted(_near(each, lowest) for each in chord.notes)
        if is_broken:
            notes += [
                MidiNote(start + 0.5 * step, 0.5, numbers[step % len(numbers)], _velocity(random))
                for step in range(int(length * 2))
            ]
            continue
        for at, lasts in _in_span(rhythm, start, length):
            loud = _velocity(random)
            notes += [MidiNote(at, lasts * held, number, loud) for number in numbers]
    return notes


def _bass(spans: Spans, _key: Key, random: Random) -> list[MidiNote]:
    rhythm = _BASS_RHYTHMS[int(random.integers(len(_BASS_RHYTHMS)))]
    lowest = _LOWEST_BASS + int(random.integers(8))
    leaves_root, held = float(random.choice((0.0, 0.2, 0.5))), float(random.uniform(0.5, 1.0))
    notes = []
    for start, length, chord in spans:
        root = _near(chord.notes[0], lowest)
        for number, (at, lasts) in enumerate(_in_span(rhythm, start, length)):
            pitch = root
            if number and random.random() < leaves_root:
                pitch = _near(int(random.choice([*chord.notes, *chord.scale])), lowest)
            notes.append(MidiNote(at, lasts * held, pitch, _velocity(random)))
    return notes


def _lead(spans: Spans, key: Key, random: Random) -> list[MidiNote]:
    """Return a melody that moves by small steps, and is on a note of the chord at its start."""
    plain = "minor" if key.is_minor else "major"
    degrees = _PENTATONIC[plain] if random.random() < 0.4 else tuple(range(7))
    lowest, rests = _LOWEST_MELODY + int(random.integers(10)), float(random.uniform(0.0, 0.3))
    place, notes = int(random.integers(7)), []
    shares = np.array(_MELODY_SHARES) / sum(_MELODY_SHARES)
    for start, length, chord in spans:
        usual = [chord.scale[degree] for degree in degrees]
        at = 0.0
        while at < length:
            lasts = min(float(random.choice(_MELODY_LENGTHS, p=shares)), length - at)
            place += int(random.choice((-2, -1, -1, 0, 1, 1, 2)))
            octave, step = divmod(max(0, min(place, 2 * len(usual) - 1)), len(usual))
            pitch_class = usual[step] if at else int(random.choice(chord.notes[:3]))
            if random.random() >= rests:
                number = _near(pitch_class, lowest) + 12 * octave
                notes.append(MidiNote(start + at, lasts * 0.95, number, _velocity(random)))
            at += lasts
    return notes


def _drums(bars: int, random: Random) -> list[MidiNote]:
    return [
        MidiNote(_BAR * bar + step / 4, 0.2, number, _velocity(random))
        for bar in range(bars)
        for number, steps in _DRUM_STEPS.items()
        for step in steps
        if random.random() < _STROKE_SAY
    ]
