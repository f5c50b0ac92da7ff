"""Parts that follow a guide."""

import itertools

import msgspec
import numpy as np
import pytest

from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.composer import chords_of, options_of
from engine.generators.sketch.fitting import crowding
from engine.generators.sketch.generator import SketchGenerator, performance
from engine.generators.sketch.harmony import chord_at
from engine.generators.sketch.score import bar_of
from engine.loops.errors import LoopError
from engine.loops.guide import OCTAVES, Guide, GuideChord, checked_guide
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid

SKETCH = SketchGenerator()
HALVES = tuple(
    GuideChord(2.0 * n, 2.0, root, (root, (root + 4) % 12, (root + 7) % 12))
    for n, root in enumerate((0, 5, 7, 9))
)
GRID = LoopGrid(bpm=100.0, bars=4)


def made(prompt, guide, seed=3, **fields):
    fields = {
        "bars": 4,
        "bpm": 100.0,
        "key": "C major",
        "mode": "accompany",
        "source": "a",
    } | fields
    return LoopRequest(prompt=prompt, guide=guide, seed=seed, **fields)


def score_of(prompt, guide, seed=3, **fields):
    request = made(prompt, guide, seed, **fields)
    return performance((request,), GRID, request.key)[1]


@pytest.mark.parametrize("part", ["bass", "chords", "pad", "lead", "arpeggio"])
@pytest.mark.parametrize("style", ["jazz", "rock", ""])
def test_notes_on_strong_beats_are_in_the_chord_even_by_half_bars(style, part):
    score = score_of(f"{style} {part}", Guide(chords=HALVES))
    (notes,) = score.notes.values()
    chords = [msgspec.structs.replace(c, start=8 * n + c.start) for n in range(2) for c in HALVES]
    bar = bar_of(GRID.meter)
    strong = [n for n in notes if round(n.start % 4 / bar.step) in bar.beats]
    assert notes
    for note in strong:
        chord = next(c for c in chords if note.start < c.start + c.length)
        assert note.midi % 12 in chord.pitches


def test_a_part_for_a_recipe_has_its_chords_its_groove_and_its_style():
    request = LoopRequest(prompt="funk drums, bass and chords, swing", seed=8, bars=4)
    plan = SKETCH.plan(request)
    request = msgspec.structs.replace(request, bpm=plan.grid.bpm, key=plan.key, meter="4/4")
    guide = SKETCH.guide((request,), plan.grid, plan.key)
    truth = chords_of(read_brief(request, 8), 8)
    assert [(c.start, c.length, c.root, c.pitches) for c in guide.chords] == [
        (c.start, c.length, c.root, c.pitches) for c in truth
    ]
    assert guide.style == "funk"
    theirs = sorted({n.start for part in SKETCH.notes((request,), plan.grid) for n in part.notes})
    fit = made("lead", guide, bpm=plan.grid.bpm, key=plan.key)
    brief = read_brief(fit, 3)
    assert brief.style.name == "funk"
    (lead,) = SKETCH.notes((fit,), plan.grid)
    away = [min(abs(n.start - each) for each in theirs) for n in lead.notes]
    shared = [each * 60 / plan.grid.bpm for each in away if each < 0.1]
    assert len(shared) > len(lead.notes) / 4
    assert max(shared) < 0.010


def test_what_fits_a_part_without_chords_of_its_own_follows_the_first_that_has_some():
    drums = Guide(groove=(0.0,) * 4)
    bass = made("house bass", drums)
    own = SKETCH.guide((bass,), GRID, "C major").chords
    assert own
    assert SKETCH.guide((made("lead", Guide(chords=own)),), GRID, "C major").chords == own


def test_of_several_parts_the_one_with_most_room_is_played():
    taken = [[0.0] * OCTAVES for _ in range(16)]
    for step in range(0, 16, 2):
        taken[step] = [1.0] * OCTAVES
    guide = Guide(chords=HALVES, taken=tuple(map(tuple, taken)))
    free = Guide(chords=HALVES)
    gains = [
        crowding(score_of("funk lead", free, seed), guide)
        - crowding(score_of("funk lead", guide, seed), guide)
        for seed in range(6)
    ]
    assert min(gains) >= 0
    assert np.mean(gains) > 0.05


def test_chords_leave_the_root_to_a_bass_that_is_there():
    taken = tuple((1.0, 1.0, *(0.0,) * (OCTAVES - 2)) for _ in range(16))
    alone, above = (
        min(note.midi for note in score_of("rhodes chords", guide).notes["chords"])
        for guide in (Guide(chords=HALVES), Guide(chords=HALVES, taken=taken))
    )
    assert alone < 48 <= above


@pytest.mark.parametrize(
    "guide",
    [
        Guide(chords=(GuideChord(1.0, 4.0, 0, (0,)),)),
        Guide(chords=(GuideChord(0.0, float("inf"), 0, (0,)),)),
        Guide(chords=(GuideChord(0.0, 4.0, 12, (0,)),)),
        Guide(chords=(GuideChord(0.0, 4.0, 0, ()),)),
        Guide(groove=(0.3,)),
        Guide(groove=(float("nan"),)),
        Guide(taken=((0.0,) * 3,)),
        Guide(taken=((2.0,) * OCTAVES,)),
        Guide(groove=(0.0,) * 5_000),
    ],
)
def test_a_guide_from_a_strangers_file_that_cannot_be_followed_is_refused(guide):
    with pytest.raises(LoopError):
        checked_guide(guide)


def test_the_same_seed_and_guide_make_the_same_part():
    guide = Guide(chords=HALVES, taken=((0.5,) * OCTAVES,) * 16)
    request = made("lead", guide)
    one, other = (
        next(iter(SKETCH.generate(request, GRID, [3], lambda *_: None))).audio for _ in range(2)
    )
    assert np.array_equal(one, other)
    assert len(set(itertools.islice(options_of(3), 12))) == 12
    assert chord_at(chords_of(read_brief(request, 3), 3), 2.5).root == 5
