"""What a drummer does with a groove: makes it his own, and never plays two bars alike.

Sketch 1 played a groove and its variation in turn. Here, a seed first makes its own groove from
that of the style: other cymbal figures, other kicks between the beats. Then each bar is played by
itself: strokes left out and added, ghost notes, an open hi-hat, a short fill. What makes the style
stays: the accents, the kicks on the beat, the backbeat.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.score import Bar, Stroke, bar_of

_FIGURES = (
    "x.x.x.x.x.x.x.x.", "xoxoxoxoxoxoxoxo", "..x...x...x...x.", "x...x...x...x...",
    "x.xxx.x.x.xxx.x.", "x.ox..x.x.ox..x.", "x..x..x.x..x..x.", "xox.xox.xox.xox.",
    ".ox..ox..ox..ox.", "x.x.x.xox.x.x.oo", "xxoxxxoxxxoxxxox", "o.x.o.x.o.x.o.x.",
)  # fmt: skip
"""Figures for cymbals and shakers, in the marks of `styles`."""
_FIGURED = ("hat", "shaker", "ride")
_PICKUPS = (2, 3, 6, 7, 9, 10, 11, 13, 14, 15)
_STEADY = frozenset({"house", "techno", "trance", "disco", "synthwave", "amapiano"})
"""Styles whose kick is on every beat, and stays there."""


def own_groove(brief: Brief, groove: Mapping[str, str], seed: Seed) -> dict[str, str]:
    """Return the groove of a style as this seed plays it."""
    own = dict(groove)
    for voice in _FIGURED:
        rng = stream(seed, "groove", "figure", voice)
        if voice in own and rng.random() < 0.35:
            busy = _marks(own[voice])
            near = [figure for figure in _FIGURES if abs(_marks(figure) - busy) <= 4]
            own[voice] = near[int(rng.integers(len(near)))] if near else own[voice]
    if "kick" in own and brief.style.name not in _STEADY:
        own["kick"] = _own_kick(own["kick"], stream(seed, "groove", "kicks"))
    return own


def _marks(pattern: str) -> int:
    return sum(mark != "." for mark in pattern)


def _own_kick(pattern: str, rng: np.random.Generator) -> str:
    marks = list(pattern)
    for place in _PICKUPS:
        draw = rng.random()
        if marks[place] in "x?," and draw < 0.3:
            marks[place] = "."
        elif marks[place] == "." and draw < 0.11:
            marks[place] = "x" if draw < 0.07 else "?"
    return "".join(marks)


def drummed(brief: Brief, bars: int, seed: Seed, strokes: list[Stroke]) -> list[Stroke]:
    """Return the strokes as they are played, each bar by itself."""
    bar = bar_of(brief.grid.meter)
    played: list[Stroke] = []
    for number in range(bars):
        begin, end = number * bar.quarters, (number + 1) * bar.quarters
        inside = [stroke for stroke in strokes if begin <= stroke.start < end]
        rng = stream(seed, "drummer", number)
        kept = [stroke for stroke in inside if not _left_out(stroke, bar, rng)]
        added = [] if brief.only_voices else list(_added(brief, bar, inside, begin, rng))
        once = {(stroke.voice, stroke.start): stroke for stroke in (*added, *kept)}
        played += once.values()
    return [_touched(brief, stroke, seed) for stroke in played]


def _left_out(stroke: Stroke, bar: Bar, rng: np.random.Generator) -> bool:
    """Return whether a stroke is left out this time: never an accent, or a beat's first."""
    on_beat = round(stroke.start % bar.quarters / bar.step) in bar.beats
    return bool(rng.random() < 0.13 and stroke.velocity < 0.72 and not on_beat)


def _added(
    brief: Brief, bar: Bar, inside: list[Stroke], begin: float, rng: np.random.Generator
) -> Iterator[Stroke]:
    """Yield ghost notes, pick-ups and open hi-hats that were not written."""
    voices = {stroke.voice for stroke in inside}
    eager = max(0.15, 1 + brief.axes["dense"])
    steps = len(bar.places)
    for step in range(steps):
        if step in bar.beats:
            continue
        start = begin + step * bar.step
        draws = rng.random(3)
        if "snare" in voices and draws[0] < 0.09 * eager:
            yield Stroke(start, "snare", 0.18 + 0.2 * draws[2])
        if "kick" in voices and draws[1] < 0.035 * eager and brief.style.name not in _STEADY:
            yield Stroke(start, "kick", 0.5 + 0.3 * draws[2])
    if voices & {"hat", "openhat"} and "openhat" not in brief.without and rng.random() < 0.3:
        yield Stroke(begin + (steps - 2) * bar.step, "openhat", 0.5 + 0.3 * rng.random())
    if voices & {"snare", "rim", "clap"} and rng.random() < 0.3 * eager:
        voice = next(name for name in ("snare", "rim", "clap") if name in voices)
        count = int(rng.integers(2, 4))
        for place in range(count):
            start = begin + (steps - count + place) * bar.step
            yield Stroke(start, voice, 0.35 + 0.4 * (place + rng.random()) / count)


def _touched(brief: Brief, stroke: Stroke, seed: Seed) -> Stroke:
    """Return a stroke a few milliseconds and a decibel from where it was written."""
    rng = stream(seed, "touch", stroke.voice, round(stroke.start * 48))
    loose_ms = (1.0 + 0.5 * brief.style.loose_ms) * max(0.0, 1 + brief.axes["loose"])
    late_ms = float(np.clip(rng.normal(0, loose_ms), -6, 6))
    velocity = stroke.velocity * 10 ** (float(np.clip(rng.normal(0, 0.8), -2, 2)) / 20)
    return Stroke(
        stroke.start, stroke.voice, float(np.clip(velocity, 0.05, 1)),
        stroke.late_s + late_ms / 1000 * (0.4 if stroke.voice == "kick" else 1.0),
    )  # fmt: skip
