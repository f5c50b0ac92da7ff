"""Leads: melodies, riffs, sequences and arpeggios over a progression."""

import math

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.harmony import Chord, chord_at, register
from engine.generators.sketch.score import Bar, Note, bar_of
from engine.loops.key import Key


def lead_notes(brief: Brief, chords: list[Chord], seed: Seed) -> list[Note]:
    """Return a melody, riff, sequence or arpeggio over the chords."""
    rng = stream(seed, "lead")
    kinds = brief.style.lead
    kind = kinds[int(rng.integers(len(kinds)))]
    if brief.axes["arpeggio"] > 0 or kind == "arpeggio":
        return _arpeggio(brief, chords, rng)
    bar = bar_of(brief.grid.meter)
    scale = _scale(brief)
    motif = _motif(brief, bar, kind, rng)
    answer = _motif(brief, bar, kind, rng)
    place = len(scale) // 2 + int(rng.integers(-2, 3))
    notes: list[Note] = []
    for number in range(math.ceil(chords[-1].end / bar.quarters)):
        form = (motif, motif, motif, answer)[number % 4]
        if kind == "sparse" and number % 2:
            continue
        place = len(scale) // 2 if number % 4 == 0 else place
        for step, move, accent, gap in form:
            on_beat = step in bar.beats
            place = int(np.clip(place + move, 0, len(scale) - 1))
            start = number * bar.quarters + step * bar.step
            if on_beat or kind == "riff":
                place = _nearest_chord_note(scale, place, chord_at(chords, start))
            length = gap * bar.step * (0.85 + 0.12 * brief.axes["long"])
            if kind in ("riff", "sequence"):
                length = min(length, 0.3 + 0.2 * brief.axes["long"])
            notes.append(Note(start, length, scale[place], 0.85 if on_beat else accent))
    return notes


def _motif(
    brief: Brief, bar: Bar, kind: str, rng: np.random.Generator
) -> list[tuple[int, int, float, int]]:
    """Return (step, move along the scale, velocity, steps to the next note) for one bar."""
    steps = len(bar.places)
    share = {"phrase": 0.36, "riff": 0.34, "sequence": 0.8, "sparse": 0.16}[kind]
    share *= 1 + 0.55 * brief.axes["dense"]
    weight = np.array([1.0 if s in bar.beats else (0.6 if s % 2 == 0 else 0.3)
                       for s in range(steps)])  # fmt: skip
    count = int(np.clip(round(share * steps * rng.uniform(0.85, 1.15)), 1, steps))
    chosen = np.sort(rng.choice(steps, size=count, replace=False, p=weight / weight.sum()))
    leaps = rng.choice([-2, -1, -1, 0, 1, 1, 2, 3, -3], size=count)
    gaps = np.diff([*chosen, steps + chosen[0]])
    accents = rng.uniform(0.55, 0.85, count)
    return [
        (int(s), int(m), float(a), int(g))
        for s, m, a, g in zip(chosen, leaps, accents, gaps, strict=True)
    ]


def _scale(brief: Brief) -> list[int]:
    key = brief.key or Key("C", "minor")
    low, high = register(brief, "lead")
    steps = key.steps
    if brief.style.name in ("hip-hop", "trap", "rock", "reggae", "dub", "funk"):
        # Pentatonic: leave out the two notes that are a semitone from their neighbours.
        steps = tuple(steps[i] for i in ((0, 2, 3, 4, 6) if key.is_minor else (0, 1, 2, 4, 5)))
    return [n for n in range(low, high + 1) if (n - key.pitch_class) % 12 in steps]


def _nearest_chord_note(scale: list[int], place: int, chord: Chord) -> int:
    inside = [i for i, note in enumerate(scale) if note % 12 in chord.pitches[:3]]
    return min(inside, key=lambda i: abs(i - place)) if inside else place


def _arpeggio(brief: Brief, chords: list[Chord], rng: np.random.Generator) -> list[Note]:
    bar = bar_of(brief.grid.meter)
    low, high = register(brief, "lead")
    span = (high + low) // 2 - 6
    stride = 1 if brief.axes["dense"] > 0.2 else 4 if brief.axes["dense"] < -0.5 else 2
    if brief.axes["dense"] > -0.2 and brief.style.name in ("trance", "synthwave", "techno"):
        stride = 1
    shape = int(rng.integers(4))
    skips = rng.random(len(bar.places)) < 0.12
    notes: list[Note] = []
    for number in range(math.ceil(chords[-1].end / bar.quarters)):
        chord = chord_at(chords, number * bar.quarters)
        ladder = [note for note in range(span, span + 25) if note % 12 in chord.pitches[:4]][
            : int(rng.integers(4, 8))
        ]
        order = _arpeggio_order(ladder, shape, rng)
        for count, step in enumerate(range(0, len(bar.places), stride)):
            if skips[step] and step:
                continue
            start = number * bar.quarters + step * bar.step
            velocity = 0.85 if step in bar.beats else 0.66
            length = stride * bar.step * (0.8 + 0.5 * brief.axes["long"])
            notes.append(Note(start, length, order[count % len(order)], velocity))
    return notes


def _arpeggio_order(ladder: list[int], shape: int, rng: np.random.Generator) -> list[int]:
    if shape == 0:
        return ladder
    if shape == 1:
        return ladder[::-1]
    if shape == 2:
        return ladder + ladder[-2:0:-1]
    return [ladder[i] for i in rng.permutation(len(ladder))]
