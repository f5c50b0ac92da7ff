"""How well sketch's parts fit loops: `python -m benchmarks.accompany [--every N]`.

For each style, loops that sketch played are fitted with a bass, chords, a lead and drums: once with
their recipes, and once as any other sound, of which only tempo and length are known. The truth is
what was played. Measured are:

- of the notes on strong beats, the share on the notes of the chord that sounds there;
- of the onsets on steps that the source plays, too, the share within 10 ms of the source's;
- how much of the part the source masks (the share of its loudness, in third octaves and 25 ms, in
  which the source is louder), beside a part of the same words, key and tempo that fits nothing.
"""

import argparse
import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from engine.craft.hearing import Hearing
from engine.craft.sources import Source, source_of
from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.composer import chords_of
from engine.generators.sketch.generator import SketchGenerator, performance
from engine.generators.sketch.harmony import chord_at
from engine.generators.sketch.score import Score, bar_of
from engine.generators.sketch.styles import STYLES
from engine.loops.cancel import no_check
from engine.loops.guide import Guide
from engine.loops.key import parse_key
from engine.loops.recipe import Recipe, Scores
from engine.loops.request import LoopRequest
from engine.loops.source.facts import Fact, KnownFacts, Origin
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid
from engine.server.accompaniment import guide_for

BARS = 4
PARTS = {
    "bass": "drums and chords",
    "chords": "drums and bass",
    "lead": "drums, bass and chords",
    "drums": "bass and chords",
}
"""The parts to add, and the loops that they are added to."""
SKETCH = SketchGenerator()
_NEAR_S, _STEP_S, _STRUM_S = 0.010, 0.060, 0.012
_BLOCK_S = 0.025


class Played(NamedTuple):
    """A loop that sketch played, and how."""

    request: LoopRequest
    grid: LoopGrid
    audio: Audio


def played(prompt: str, seed: int, **fields: object) -> Played:
    """Return a loop of sketch's, with a request that states all that was decided."""
    request = LoopRequest(prompt=prompt, seed=seed, bars=BARS, **fields)  # type: ignore[arg-type]
    plan = SKETCH.plan(request)
    request = msgspec.structs.replace(request, bpm=plan.grid.bpm, meter="4/4", key=plan.key)
    (take,) = SKETCH.generate(request, plan.grid, [seed], _ignore)
    return Played(request, plan.grid, take.audio)


def _ignore(_fraction: float, _stage: str) -> None:
    """Ignore the progress."""


def guide_by_recipe(made: Played) -> Guide:
    """Return what a part follows that fits a loop whose recipe is known."""
    recipe = Recipe(
        program="", created="", clip_id="a", request_id="", request=made.request,
        asked_seed=0, asked_takes=1, take=0, rank=1, grid=made.grid, key=made.request.key,
        model=SKETCH.facts, title="a", scores=Scores(loudness_db=0, peak_db=0, seam=0),
    )  # fmt: skip
    source = Source(
        label="a", audio=made.audio, grid=made.grid, key=parse_key(recipe.key), title="a",
        recipe=recipe,
    )  # fmt: skip
    return guide_for([source], made.grid, SKETCH, no_check)


def guide_by_ear(made: Played) -> Guide:
    """Return what a part follows that fits a loop of which only tempo and length are known."""
    known = KnownFacts(
        tempos=(Fact(made.grid.bpm, Origin.TAG, 0.9),), bars=(Fact(BARS, Origin.TAG, 0.9),)
    )
    hearing = Hearing(made.audio, made.grid.rate)
    source = source_of(hearing, "a.wav", known=known)
    return guide_for([dataclasses.replace(source, grid=made.grid)], made.grid, SKETCH, no_check)


def on_chords(score: Score, made: Played) -> Iterator[bool]:
    """Yield for each note on a strong beat whether the chord of the source has it."""
    brief = read_brief(made.request, made.request.seed or 0)
    truth = chords_of(brief, made.request.seed or 0)
    bar = bar_of(made.grid.meter)
    for note in (each for part in score.notes.values() for each in part):
        step = round(note.start % bar.quarters / bar.step) % len(bar.places)
        if step in bar.beats:
            chord = chord_at(truth, (note.start + bar.step / 2) % float(made.grid.quarters))
            yield note.midi % 12 in chord.pitches


def in_groove(lineage: Sequence[LoopRequest], made: Played) -> Iterator[bool]:
    """Yield for each onset that the source shares whether it is at the same time.

    Onsets share a step if they are less than 60 ms apart; a strummed chord is one onset.
    """
    theirs, ours = _onsets_s((made.request,), made), _onsets_s(lineage, made)
    length_s = float(made.grid.length_s)
    for each in ours:
        away_s = np.abs((theirs - each + length_s / 2) % length_s - length_s / 2)
        if len(away_s) and away_s.min() < _STEP_S:
            yield bool(away_s.min() <= _NEAR_S)


def _onsets_s(lineage: Sequence[LoopRequest], made: Played) -> np.ndarray:
    parts = SKETCH.notes(tuple(lineage), made.grid)
    starts = sorted({note.start * 60 / made.grid.bpm for part in parts for note in part.notes})
    # What follows within 12 ms belongs to the same stroke, as in a strummed chord.
    return np.array([s for n, s in enumerate(starts) if n == 0 or s - starts[n - 1] > _STRUM_S])


def masked(part: Audio, source: Audio, rate: int) -> float:
    """Return the share of a part's loudness that lies where the source is louder."""
    one, other = (_cells(audio, rate) for audio in (part, source))
    loud = one**0.3 * (one > 1e-6 * one.max())
    return float(loud[other > one].sum() / loud.sum())


def _cells(audio: Audio, rate: int) -> np.ndarray:
    block = round(_BLOCK_S * rate)
    mono = audio.mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, (0, 3 * block)), 4 * block)
    power = np.abs(np.fft.rfft(frames[::block] * np.hanning(4 * block))) ** 2
    hertz = np.fft.rfftfreq(4 * block, 1 / rate)
    bands = np.digitize(hertz, 40 * 2 ** (np.arange(28) / 3))
    return np.stack([power[:, bands == band].sum(axis=1) for band in range(1, 28)], axis=1)


def measured(style: str, part: str, seed: int) -> Iterator[tuple[str, list[bool] | float]]:
    """Yield the figures of one part that fits one loop, by name."""
    made = played(f"{style} {PARTS[part]}", seed)
    prompt = f"{style} {part}"
    alone = played(prompt, seed + 1, bpm=made.grid.bpm, key=made.request.key)
    yield f"{part}: masked, at random", masked(alone.audio, made.audio, made.grid.rate)
    for name, guide in (("recipe", guide_by_recipe(made)), ("ear", guide_by_ear(made))):
        request = msgspec.structs.replace(
            alone.request, mode="accompany", source="a", guide=guide, key=made.request.key
        )
        (take,) = SKETCH.generate(request, made.grid, [seed + 1], _ignore)
        _, score = performance((request,), made.grid, request.key)
        yield f"{part}: masked, by {name}", masked(take.audio, made.audio, made.grid.rate)
        yield f"{part}: in the groove, by {name}", list(in_groove((request,), made))
        if score.notes:
            yield f"{part}: on the chords, by {name}", list(on_chords(score, made))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only every so many styles")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows: dict[str, list[float]] = defaultdict(list)
    for number, style in enumerate(list(STYLES)[:: options.every]):
        for part in PARTS:
            for name, found in measured(style, part, options.seed + 1000 * number):
                rows[name] += found if isinstance(found, list) else [found]
    for name, values in sorted(rows.items()):
        print(f"{name:<36} {100 * float(np.mean(values)):6.1f} %  of {len(values)}")


if __name__ == "__main__":
    main()
