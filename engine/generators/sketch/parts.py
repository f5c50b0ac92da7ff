"""The parts that carry the harmony: bass, chords and pads over a progression.

Bass patterns are sixteen steps: `1` root, `3`, `5`, `7` chord notes, `8` the octave, `a` a step
towards the next root, `-` holds, `.` rests. Chord patterns use `x` strokes and `.` rests.
"""

from collections.abc import Sequence

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.harmony import Chord, bars_of, register, voicing
from engine.generators.sketch.score import Bar, Note, bar_of

_BASS: dict[str, tuple[str, ...]] = {
    "roots": ("1-....1.1-....5.", "1-..1...1-....8.", "1---..1.5---...."),
    "offbeat": ("..1...1...1...1.", "..1...1...8...5.", "..1..11...1..8.."),
    "syncopated": ("1..1..1...1..8..", "1-....1..1.5..8.", "1..5..1..8..1.7."),
    "rumble": (".111.111.111.111", "..11..11..11..11"),
    "sixteenths": ("118.1.8111.8.1.8", "1.81.11811.1.811", "1181.8.11.8115.1"),
    "gallop": (".111.111.111.111", "..1...1...1...1.", ".11..11..11..118"),
    "long": ("1-----------5---", "1-------1---7---", "1-----5---------"),
    "dub line": ("1--.1..5..3.1...", "1-..5.1...3.5...", "..1.1-..5...7.1."),
    "808": ("1-----1---1-----", "1---------1--8--", "1--1----5-----1-"),
    "wobble": ("1-------1---5---", "1-----1---7-----", "1---1-------8---"),
    "skip": ("1..8.....1.1..5.", "1....1.8..1..5..", "..1..8.1....1.7."),
    "drone": ("1---------------",),
    "eighths": ("1.1.1.1.1.1.1.1.", "1.1.1.1.1.1.5.5.", "1.1.1.8.1.1.5.7."),
    "octaves": ("1.8.1.8.1.8.1.8.", "1.81.81.1.81.81.", "1.8.1.8.5.8.1.8."),
    "chug": ("111.11.111.11.1.", "1.111.111.111.11", "11111.11111.1.1."),
    "slap": ("1..8.1.8..1.5.8a", "1.81..5..18..7.a", "11.8..1.5.8..1.a"),
    "ostinato": ("1..5..8.1..5.7..", "1.1..5..8.7.5...", "1..1..5.7..8..5."),
    "walking": ("1...3...5...a...", "1...5...3...a...", "1...7...5...a..."),
    "pulse": ("1.1.1.1.1.1.1.1.", "1..1..1..1..1.1."),
    "bossa": ("1-....5.5-....1.", "1-....5.5-..3.a."),
    "log": ("..1..1.5..1..1.8", "...1..1..5.1..8.", "..1..8.1..5..1.."),
}

_CHORDS: dict[str, tuple[tuple[str, ...], float]] = {
    "sustained": (("x...............",), 0.0),
    "swell": (("x...............",), 0.0),
    "stabs": (
        ("..x...x...x...x.", "x..x..x...x..x..", "..x..x....x..x..", "x..x...x..x....."),
        0.3,
    ),
    "chops": (("x.....x...x.....", "x...x..x..x.....", "..x...x..x....x."), 0.55),
    "lazy": (("x.......x.x.....", "x......x........", "x.........x..x.."), 0.0),
    "gated": (("x.xxx.xxx.xxx.xx", "xx.xx.xxxx.xx.x.", "x.xx.xx.x.xx.xx."), 0.2),
    "strum": (("x...x.xx..x.x.x.", "x...x...x.x.x.x.", "x..x..x.x..x..x."), 0.5),
    "power": (("x.x.x.x.x.x.x.x.", "x.xxx.x.x.xxx.x.", "x..x..x.x..x..x."), 0.42),
    "chank": (("..x...xx..x...x.", ".xx.x.x..xx.x..x", "x..x.xx.x..x.xx."), 0.16),
    "skank": (("..x...x...x...x.", "..x...xx..x...xx"), 0.24),
    "comp": (("x.....x.........", "...x......x.....", "x..x........x...", "......x...x....."), 0.5),
    "bossa": (("x..x..x...x..x..", "x.x..x..x..x.x.."), 0.45),
}
"""Stroke patterns, and the length of a stroke in quarter notes; 0 lets it ring until the next."""

_RHYTHMS_OF_SOUNDS = {
    "muted guitar": ("chank", "chops"), "clavinet": ("chank",), "clean guitar": ("strum", "chops"),
    "nylon guitar": ("strum", "bossa"), "drive guitar": ("power", "strum"),
    "high gain guitar": ("power",), "house piano": ("stabs",), "dub chord": ("stabs",),
    "jazz guitar": ("comp",), "supersaw": ("gated", "stabs"),
}  # fmt: skip
"""The rhythms of a sound if the prompt names no style."""


def _place(places: Sequence[int], pattern: str, step: int) -> str:
    return pattern[places[step]]


def bass_notes(brief: Brief, chords: list[Chord], seed: Seed) -> list[Note]:
    """Return a bass line under the chords."""
    bar = bar_of(brief.grid.meter)
    rng = stream(seed, "bass")
    name = brief.style.bass[int(rng.integers(len(brief.style.bass)))]
    patterns = _BASS[name]
    main = patterns[int(rng.integers(len(patterns)))]
    other = _bass_variation(main, rng, brief.axes["dense"])
    main = _bass_variation(main, rng, brief.axes["dense"])
    low, _ = register(brief, "bass")
    notes: list[Note] = []
    for index, chord in enumerate(chords):
        following = chords[(index + 1) % len(chords)]
        for number in bars_of(chord, bar):
            pattern = other if number % 4 == 3 else main
            notes += _bass_bar(brief, bar, chord, following, pattern, low, number)
    return _sliding(brief, notes, seed)


def _bass_variation(pattern: str, rng: np.random.Generator, dense: float) -> str:
    marks = list(pattern)
    for step, mark in enumerate(marks):
        draw = rng.random()
        if mark == "1" and step and draw < 0.34:
            marks[step] = "5873."[int(draw * 100) % 5]
        elif mark in ".-" and draw < 0.06 + 0.3 * max(dense, 0):
            marks[step] = "1" if draw < 0.04 + 0.2 * max(dense, 0) else "8"
        elif mark not in ".-" and step % 8 and draw > 1 + 0.75 * min(dense, 0) - 0.04:
            marks[step] = "."
    return "".join(marks)


def _bass_bar(
    brief: Brief, bar: Bar, chord: Chord, following: Chord, pattern: str, low: int, number: int
) -> list[Note]:
    root = low + (chord.root - low) % 12
    third, fifth = ((chord.pitches[i] - chord.root) % 12 for i in (1, 2))
    seventh = 10 if brief.key is None or 10 in brief.key.steps else 11
    leap = {"1": 0, "3": third, "5": fifth if fifth == 7 or root + fifth < 52 else -5,
            "7": seventh - 12 if root - 12 + seventh >= low - 3 else seventh, "8": 12}  # fmt: skip
    target = low + (following.root - low) % 12
    notes: list[Note] = []
    length = 0.75 + 0.22 * brief.axes["long"]
    starts = chord.starts_in(bar, number)
    for step, start in starts:
        mark = _place(bar.places, pattern, step)
        if mark == "-" and notes and step:
            notes[-1] = _held(notes[-1], start + bar.step - notes[-1].start)
        elif mark not in ".-" or (mark == "-" and start == starts[0][1]):
            midi = root + leap.get(mark, 0)
            if mark == "a":
                midi = target + (1 if target <= root else -1)
            velocity = 0.9 if step in bar.beats else 0.74
            notes.append(Note(start, length * bar.step * 1.3, midi, velocity))
    if brief.style.name == "jazz":
        notes = [_held(note, 0.92) for note in notes]
    return notes


def _held(note: Note, length: float) -> Note:
    return Note(note.start, length, note.midi, note.velocity, note.slide_from)


def _sliding(brief: Brief, notes: list[Note], seed: Seed) -> list[Note]:
    """Let acid and 808 lines glide and accent."""
    acid = any("acid" in sound or "808" in sound for sound in brief.sounds.get("bass", ()))
    if not acid and brief.style.name not in ("trap", "r&b"):
        return notes
    rng = stream(seed, "slides")
    slid = []
    for index, note in enumerate(notes):
        before = notes[index - 1].midi
        glide = before if before != note.midi and rng.random() < 0.4 else None
        velocity = 1.0 if rng.random() < 0.3 else note.velocity * 0.85
        length = note.length * (1.6 if glide else 1.0)
        slid.append(Note(note.start, length, note.midi, velocity, glide))
    return slid


def chord_notes(brief: Brief, chords: list[Chord], seed: Seed, role: str = "chords") -> list[Note]:
    """Return chords in the style's rhythm, or held (for pads), with the root below."""
    bar = bar_of(brief.grid.meter)
    rng = stream(seed, role)
    names = _chord_rhythms(brief)
    name = names[int(rng.integers(len(names)))]
    patterns, length = _CHORDS[name if role == "chords" else "sustained"]
    pattern = patterns[int(rng.integers(len(patterns)))]
    pattern = _chord_variation(pattern, rng, brief.axes["dense"], role)
    low, high = register(brief, role)
    shift = int(rng.integers(-5, 7))
    voices = 3 if name in ("power", "skank", "chank") else min(4, brief.style.colour)
    notes: list[Note] = []
    previous: tuple[int, ...] | None = None
    for chord in chords:
        previous = voicing(chord, previous, low + shift, high + shift, voices)
        for number in bars_of(chord, bar):
            places = chord.starts_in(bar, number)
            starts = [
                start for step, start in places if _place(bar.places, pattern, step) == "x"
            ] or [places[0][1]]
            notes += _struck(brief, bar, chord, starts, previous, length)
    return notes


def _chord_rhythms(brief: Brief) -> tuple[str, ...]:
    """Return the chord rhythms of the style or, without one, of the named sound."""
    sounds = brief.sounds.get("chords", ())
    if brief.style.name or not sounds:
        return brief.style.chords
    return _RHYTHMS_OF_SOUNDS.get(sounds[0], brief.style.chords)


def _chord_variation(pattern: str, rng: np.random.Generator, dense: float, role: str) -> str:
    marks = list(pattern)
    for step in range(1, 16):
        draw = rng.random()
        strong = step % 2 == 0 if dense > 0.3 else step % 4 == 2
        if marks[step] == "." and dense > 0 and strong and draw < 0.55 * dense:
            marks[step] = "x"
        elif marks[step] == "." and role == "chords" and step % 2 == 0 and draw < 0.06:
            marks[step] = "x" if dense >= 0 else "."
        elif marks[step] == "x" and draw < 0.12 + 0.6 * max(-dense, 0):
            marks[step] = "."
    return "".join(marks)


def _struck(
    brief: Brief,
    bar: Bar,
    chord: Chord,
    starts: list[float],
    voiced: tuple[int, ...],
    length: float,
) -> list[Note]:
    end = min(chord.end, (int(starts[0] / bar.quarters) + 1) * bar.quarters)
    notes = []
    held = length * (1 + 0.7 * brief.axes["long"])
    strum_s = 0.012 if brief.style.name in ("rock", "reggae", "bossa nova") else 0.004
    for index, start in enumerate(starts):
        gap = (starts[index + 1] if index + 1 < len(starts) else end) - start
        span = min(held, gap) if length else gap * (0.97 if brief.axes["long"] >= -0.3 else 0.4)
        bass = voiced[0] - 12 + (chord.root - voiced[0]) % 12
        lows = [(bass if bass < voiced[0] - 2 else bass - 12, 1.0)]
        # Without a bass, the root below makes the chord clear; sevenths and ninths only colour it.
        has_bass = "bass" in brief.roles or (brief.guide and brief.guide.is_taken(lows[0][0]))
        below = [] if has_bass else lows
        above = ((midi, 1.0 if midi % 12 in chord.pitches[:3] else 0.62) for midi in voiced)
        for order, (midi, weight) in enumerate([*below, *above]):
            velocity = weight * (0.82 if index == 0 else 0.72)
            notes.append(Note(start + order * strum_s, span, midi, velocity))
    return notes
