"""Chords: progressions in a key, and voice leading from one chord to the next."""

import dataclasses
import itertools
import math

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.score import Bar
from engine.loops.key import Key


@dataclasses.dataclass(frozen=True)
class Chord:
    """One chord of a progression.

    Attributes:
        start, length: in quarter notes.
        root: pitch class of the root, 0-11.
        pitches: pitch classes from the root upwards.
    """

    start: float
    length: float
    root: int
    pitches: tuple[int, ...]

    @property
    def end(self) -> float:
        """Where it ends, in quarter notes."""
        return self.start + self.length

    def starts_in(self, bar: Bar, number: int) -> list[tuple[int, float]]:
        """Return the steps of a bar that lie in the chord, each with its start in quarter notes."""
        starts = (number * bar.quarters + step * bar.step for step in range(len(bar.places)))
        return [each for each in enumerate(starts) if self.start <= each[1] < self.end]


def bars_of(chord: Chord, bar: Bar) -> range:
    """Return the numbers of the bars in which a chord sounds."""
    return range(int(chord.start / bar.quarters), math.ceil(chord.end / bar.quarters))


def chord_at(chords: list[Chord], start: float) -> Chord:
    """Return the chord that sounds at a position in quarter notes."""
    return next((chord for chord in chords if start < chord.end), chords[-1])


_RANGES = {"bass": (28, 43), "chords": (52, 76), "pad": (48, 74), "lead": (67, 88)}


def register(brief: Brief, role: str) -> tuple[int, int]:
    """Return the lowest and highest MIDI note of a role."""
    low, high = _RANGES[role]
    # The bass moves less, so that it stays a bass.
    shift = round(brief.axes["low"] * (4 if role == "bass" else 9))
    return low - shift, high - shift


def chord_on(key: Key, degree: int, size: int) -> tuple[int, ...]:
    """Return the pitch classes of the chord of `size` thirds on a scale degree (1-7)."""
    steps = key.steps
    return tuple(
        (key.pitch_class + steps[(degree - 1 + 2 * third) % 7]) % 12 for third in range(size)
    )


def progression(brief: Brief, bars: int, bar_quarters: float, seed: Seed) -> list[Chord]:
    """Return one chord per bar; a loop shorter than the progression keeps the tonic."""
    key = brief.key or Key("C", "minor")
    choices = brief.style.progressions
    written = choices[int(stream(seed, "progression").integers(len(choices)))]
    degrees = [int(degree) for degree in written.split()]
    if bars < len(degrees):
        degrees = ([1] if 1 in degrees[:1] or bars == 1 else []) + [d for d in degrees if d != 1]
        degrees = degrees[:bars] if 1 in degrees[:bars] else [1, *degrees][:bars]
    size = brief.style.colour
    chords = []
    for bar in range(bars):
        degree = degrees[bar % len(degrees)]
        pitches = chord_on(key, degree, size)
        if degree == 1 and size == 5:
            # The tonic has a ninth but no seventh, which would blur it.
            pitches = (*pitches[:3], pitches[4])
        chords.append(Chord(bar * bar_quarters, bar_quarters, pitches[0], pitches))
    return chords


def voicing(
    chord: Chord, previous: tuple[int, ...] | None, low: int, high: int, voices: int
) -> tuple[int, ...]:
    """Return MIDI notes for a chord: the close position nearest to the previous one.

    The fifth is dropped before the third and the colour notes; all notes lie from `low` to `high`.
    """
    pitches = list(dict.fromkeys(chord.pitches))
    while len(pitches) > voices:
        pitches.remove(pitches[2] if len(pitches) > 3 else pitches[-1])
    centre = (low + high) / 2
    target = previous or tuple(
        round(centre + 4 * (i - (len(pitches) - 1) / 2)) for i in range(len(pitches))
    )
    best: tuple[float, tuple[int, ...]] | None = None
    for order in itertools.permutations(pitches):
        bottom = low + (order[0] - low) % 12
        while bottom <= high - 12 or bottom == low + (order[0] - low) % 12:
            notes = [bottom]
            for pitch in order[1:]:
                notes.append(notes[-1] + 1 + (pitch - notes[-1] - 1) % 12)
            if notes[-1] <= high + 4:
                cost = (
                    sum(min(abs(note - old) for old in target) for note in notes)
                    + 0.15 * abs(sum(notes) / len(notes) - centre)
                    + 0.2 * (notes[-1] - notes[0])
                )
                if best is None or (cost, notes) < (best[0], list(best[1])):
                    best = (cost, tuple(notes))
            bottom += 12
            if bottom > high:
                break
    return best[1] if best else tuple(sorted(low + (p - low) % 12 for p in pitches))
