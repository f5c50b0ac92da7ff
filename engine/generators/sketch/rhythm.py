"""Drums and percussion: turns a style's grooves into the strokes of all bars."""

from collections.abc import Iterator, Mapping

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.drummer import own_groove
from engine.generators.sketch.score import Bar, Stroke, bar_of

_MARKS = {"X": (1.0, 1.0), "x": (1.0, 0.78), "o": (1.0, 0.42), "?": (0.5, 0.66), ",": (0.4, 0.34)}
"""Probability and velocity of each mark of a groove."""

_REST_PLACE = 16
"""A place past the sixteen steps of a pattern, which is always a rest."""

_TIMEKEEPERS = frozenset({"hat", "openhat", "shaker", "ride", "tambourine", "brush", "pedal"})
_BACKBEAT = frozenset({"snare", "clap", "rim", "snap"})
_HANDS = ("conga_low", "conga_high", "bongo", "shaker", "tambourine", "cowbell", "clave", "block")


def drum_strokes(brief: Brief, bars: int, seed: Seed) -> list[Stroke]:
    """Return the strokes of a drum loop."""
    bar = bar_of(brief.grid.meter)
    groove = _groove(brief, seed)
    strokes: list[Stroke] = []
    for number in range(bars):
        variation = number % 2 if bars < 8 else (0, 1, 0, 2)[number % 4]
        last = number == bars - 1 and bars > 1
        played = list(_bar_strokes(brief, bar, groove, seed, variation, number))
        if last or (bars >= 8 and number % 8 == 7):
            played = _with_fill(brief, bar, played, seed, number)
        strokes += played
    return _human(brief, strokes, seed)


def percussion_strokes(brief: Brief, bars: int, seed: Seed) -> list[Stroke]:
    """Return the strokes of a percussion loop: hand drums in interlocking Euclidean rhythms.

    Euclidean rhythms: Toussaint, "The Euclidean Algorithm Generates Traditional Musical Rhythms",
    BRIDGES 2005.
    """
    bar = bar_of(brief.grid.meter)
    rng = stream(seed, "percussion")
    named = [voice for voice in brief.voices if voice in _HANDS]
    count = 3 + round(brief.axes["dense"] * 1.4)
    voices = named or list(rng.permutation(_HANDS)[: max(2, count)])
    patterns: dict[str, list[float]] = {}
    steps = len(bar.places)
    for number, voice in enumerate(voices):
        shares = (0.5, 0.32, 0.2, 0.26)[number % 4] * (1 + 0.5 * brief.axes["dense"])
        pulses = int(np.clip(round(steps * shares * rng.uniform(0.8, 1.25)), 1, steps))
        if voice in ("shaker", "tambourine"):
            pulses = max(pulses, steps // 2)
        start = int(rng.integers(steps))
        accents = rng.uniform(0.4, 0.9, steps)
        hits = [(step * pulses) % steps < pulses for step in range(steps)]
        patterns[voice] = [
            float(accents[step]) if hits[(step + start) % steps] else 0.0 for step in range(steps)
        ]
    strokes = [
        Stroke((number * steps + step) * bar.step, voice, velocity)
        for number in range(bars)
        for voice, pattern in patterns.items()
        for step, velocity in enumerate(pattern)
        if velocity and not (number % 4 == 3 and stream(seed, number, step).random() < 0.2)
    ]
    return _human(brief, strokes, seed)


def _groove(brief: Brief, seed: Seed) -> dict[str, str]:
    """Return the groove of this seed: one of the style's, with changed details."""
    grooves = brief.style.grooves
    rng = stream(seed, "groove")
    groove = dict(grooves[int(rng.integers(len(grooves)))])
    if brief.version > 1:
        groove = own_groove(brief, groove, seed)
    if brief.voices:
        groove = _with_named(brief, groove)
    groove = {voice: p for voice, p in groove.items() if voice not in brief.without}
    groove = groove or {"shaker": "xoxoxoxoxoxoxoxo"}
    return {voice: _mutated(voice, pattern, seed) for voice, pattern in groove.items()}


_STOCK = {
    "kick": "X...x...X...x...", "snare": "....X.......X..,", "clap": "....X.......X...",
    "rim": "...x..x....x..x.", "hat": "x.x.x.x.x.x.x.x.", "openhat": "..x...x...x...x.",
    "ride": "x.x.x.x.x.x.x.x.", "crash": "X...............", "shaker": "xoxoxoxoxoxoxoxo",
    "tom_low": "..x..x....x..x..", "tom_mid": "....x..o....x..o", "tom_high": "x.....o.x.....o.",
    "cowbell": "x...x...x.x.x...", "conga_low": "..x...x...x..xx.", "bongo": "x.oox.oox.oox.oo",
    "conga_high": "x..ox..ox..o..x.", "tambourine": "..x...x...x...x.", "clave": "x..x..x...x.x...",
    "block": "x..x..x.x..x..x.", "triangle": "x.oxx.oxx.oxx.ox", "snap": "....x.......x...",
}  # fmt: skip


def _with_named(brief: Brief, groove: Mapping[str, str]) -> dict[str, str]:
    """Add the voices that the prompt names, or keep only them if it names no kit."""
    named = {voice: groove.get(voice, _STOCK[voice]) for voice in brief.voices}
    return named if brief.only_voices else {**groove, **named}


def _mutated(voice: str, pattern: str, seed: Seed) -> str:
    """Return a pattern with some details changed, so that every seed has its own groove.

    The marks of the style stay: accents, the kick on the beat, the backbeat.
    """
    rng = stream(seed, "mutation", voice)
    marks = list(pattern)
    for place, mark in enumerate(marks):
        draw = rng.random()
        added = 0.26 if voice in _TIMEKEEPERS else 0.06 if place % 4 else 0.0
        dropped = {"o": 0.42, "x": 0.28 if place % 4 else 0.0}.get(mark, 0.0)
        if mark == "." and draw < added:
            marks[place] = "o"
        elif draw < dropped:
            marks[place] = "."
        elif mark in "?," and draw < 0.8:
            marks[place] = ("x" if mark == "?" else "o") if draw < 0.4 else "."
    return "".join(marks)


def _bar_strokes(
    brief: Brief, bar: Bar, groove: Mapping[str, str], seed: Seed, variation: int, number: int
) -> Iterator[Stroke]:
    steps = len(bar.places)
    dense = brief.axes["dense"]
    for voice, pattern in groove.items():
        rng = stream(seed, "bar", variation, voice)
        draws = rng.random((2, steps))
        for step in range(steps):
            mark = f"{pattern}."[_place(brief, bar, step, voice, number)]
            chance, velocity = _chance(mark, voice, dense)
            if dense < 0 and mark == "x" and step not in bar.beats:
                chance *= 1 + 0.6 * dense
            if draws[0, step] < chance:
                swing = 1 + 0.16 * (draws[1, step] - 0.5)
                start = (number * steps + step) * bar.step
                if voice in _TIMEKEEPERS:
                    swing *= 1.12 if step in bar.beats else 0.9
                yield Stroke(start, voice, min(1.0, velocity * swing))
                yield from _roll(brief, voice, start, velocity, draws[1, step], bar.step)
    if brief.axes["triplet"] > 0:
        yield from _triplets(brief, bar, number)


def _place(brief: Brief, bar: Bar, step: int, voice: str, number: int) -> int:
    """Return the step of the 4/4 pattern, read slower in half-time and faster in double-time."""
    feel = brief.axes["half"]
    if feel > 0.3 and not brief.style.half_time and voice not in _TIMEKEEPERS:
        moved = (number % 2) * len(bar.places) + step
        return bar.places[moved // 2] if moved % 2 == 0 else _REST_PLACE
    if feel < -0.3:
        return bar.places[(2 * step) % len(bar.places)]
    return bar.places[step]


def _chance(mark: str, voice: str, dense: float) -> tuple[float, float]:
    """Return the probability and velocity of a mark, given the requested density."""
    if mark == ".":
        if voice in _TIMEKEEPERS and voice != "openhat":
            return max(0.0, 0.75 * dense), 0.4
        return max(0.0, 0.07 * dense), 0.38
    chance, velocity = _MARKS[mark]
    if dense > 0:
        chance += (1 - chance) * 0.8 * dense
    elif mark in "o?,":
        chance *= max(0.0, 1 + 1.1 * dense)
    elif mark == "x" and voice in _TIMEKEEPERS:
        chance *= 1 + 0.35 * dense
    return chance, velocity


def _roll(
    brief: Brief, voice: str, start: float, velocity: float, draw: float, step: float
) -> Iterator[Stroke]:
    """Yield the quick repeats of trap hi-hats."""
    if brief.style.name != "trap" or voice != "hat" or draw > 0.16 + 0.1 * brief.axes["dense"]:
        return
    count = (2, 3, 4)[int(draw * 1000) % 3]
    for repeat in range(1, count):
        yield Stroke(start + step * repeat / count, voice, velocity * (0.5 + 0.4 * repeat / count))


def _triplets(brief: Brief, bar: Bar, number: int) -> Iterator[Stroke]:
    voice = "ride" if brief.style.name in ("jazz", "metal") else "hat"
    beats = int(bar.quarters)
    for third in range(3 * beats):
        velocity = 0.75 if third % 3 == 0 else 0.5
        yield Stroke(number * bar.quarters + third / 3, voice, velocity)


_FILL_VOICES = {
    "acoustic": ("snare", "tom_high", "tom_mid", "tom_low"),
    "metal": ("snare", "tom_high", "tom_mid", "tom_low"),
    "taiko": ("tom_high", "tom_mid", "tom_low", "kick"),
    "linn": ("tom_high", "tom_high", "tom_mid", "tom_low"),
    "latin": ("conga_high", "conga_high", "conga_low", "conga_low"),
    "dub": ("rim", "rim", "snare", "tom_low"),
}


def _with_fill(
    brief: Brief, bar: Bar, strokes: list[Stroke], seed: Seed, number: int
) -> list[Stroke]:
    """Replace the end of a bar with a fill."""
    rng = stream(seed, "fill", number)
    steps = len(bar.places)
    length = min(steps // 2, int(rng.choice([2, 4, 4, 6])) + round(2 * brief.axes["dense"]))
    if length < 2 or brief.style.name in ("ambient", "techno", "bossa nova"):
        return strokes
    begin = (number + 1) * bar.quarters - length * bar.step
    busy = rng.random(length) < 0.75 + 0.25 * brief.axes["dense"]
    voices = [v for v in _FILL_VOICES.get(brief.kit, ("snare",)) if v not in brief.without]
    if brief.only_voices:
        voices = [voice for voice in voices if voice in brief.voices]
    if not voices:
        return strokes
    kept = [s for s in strokes if s.start < begin or s.voice not in (*_BACKBEAT, *voices)]
    fill = [
        Stroke(
            begin + step * bar.step,
            voices[step * len(voices) // length],
            0.5 + 0.45 * (step + 1) / length,
        )
        for step in range(length)
        if busy[step]
    ]
    return [*kept, *fill]


def _human(brief: Brief, strokes: list[Stroke], seed: Seed) -> list[Stroke]:
    """Humanise every stroke: vary its timing and velocity a little."""
    rng = stream(seed, "human")
    looseness = brief.style.loose_ms * (1 + 1.5 * brief.axes["loose"])
    lateness = brief.style.late_ms + 22 * brief.axes["late"]
    hard = 1 + 0.12 * brief.axes["hard"]
    human = []
    for stroke in sorted(strokes, key=lambda s: (s.start, s.voice)):
        late_ms = float(np.clip(rng.normal(0, 1), -2, 2)) * max(looseness, 0)
        late_ms = late_ms * (0.3 if stroke.voice == "kick" else 1.0)
        late_ms += lateness if stroke.voice in _BACKBEAT else 0.3 * lateness
        velocity = float(np.clip(stroke.velocity ** (1 / hard) * rng.uniform(0.94, 1.04), 0.05, 1))
        human.append(Stroke(stroke.start, stroke.voice, velocity, late_ms / 1000))
    return human
