"""Words that sketch does not know, read as the nearest ones that it knows."""

from pathlib import Path

import numpy as np
import pytest

from engine.generators.sketch.brief import read_brief, read_words
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.lexicon import LEXICON
from engine.generators.sketch.nearness import DATA, NOTHING, row_of, space
from engine.loops.recipe import decode_recipe, encode_recipe
from engine.loops.request import LoopRequest
from engine.server.delivery import request_of_take
from tests.engine.generators.sketch.judging import figures, judged
from tests.fakes.clips import grid_of, recipe_of

LANDMARKS = Path(__file__).parents[4] / "tools" / "nearness" / "landmarks.tsv"


def test_most_words_are_read_as_judged_beforehand_and_few_others_as_music():
    right, nonsense = figures()
    assert right >= 0.75
    assert nonsense <= 0.01


def test_no_judged_word_is_a_musical_landmark_in_any_form():
    rows = [line.split("\t") for line in LANDMARKS.read_text("utf-8").splitlines()]
    known = [word for row in rows if len(row) == 2 and row[0] != NOTHING for word in row[1].split()]
    tested = [word for phrase in judged() for word in phrase.split()]
    places, tested_places = (
        {row_of(word, space().place_of) for word in words} for words in (known, tested)
    )
    assert places & tested_places <= {None}


def test_nearest_words_are_shown_and_no_longer_ignored():
    plan = SketchGenerator().plan(LoopRequest(prompt="lonely elephants, house drums", seed=1))
    assert "lonely ≈ sad" in plan.understood
    assert plan.ignored == ("elephants",)
    assert plan.near_words == (("lonely", "sad"),)


@pytest.mark.parametrize("prompt", ["asdfgh qwerty flurb", "odd meter marimba"])
def test_words_without_likeness_in_meaning_are_ignored(prompt):
    assert read_words(prompt).near_words == ()


def test_an_unknown_word_means_what_its_nearest_word_means():
    near, known = (read_brief(LoopRequest(prompt=p), 5) for p in ("lonely", "sad"))
    assert near.axes == known.axes
    assert near.key == known.key


@pytest.mark.parametrize(
    "prompt",
    ["not lonely", "never lonely", "no drums lonely", "house without lonely triumphant ukulele",
     "isn't lonely", "less lonely"],
)  # fmt: skip
def test_negated_unknown_words_are_not_interpreted(prompt):
    assert read_words(prompt).near_words == ()


def test_a_named_style_overrides_a_nearest_one():
    assert read_brief(LoopRequest(prompt="bluegrass techno"), 1).style.name == "techno"


def test_known_words_load_no_vectors():
    space.cache_clear()
    read_words("warm house drums with swing")
    assert space.cache_info().misses == 0


def test_a_take_records_how_its_words_were_read():
    request = LoopRequest(prompt="lonely piano", seed=3)
    again = request_of_take(request, SketchGenerator().plan(request), 3)
    assert again.near_words == (("lonely", "sad"),)
    later = SketchGenerator().plan(
        LoopRequest(prompt="lonely piano", near_words=(("lonely", "happy"),))
    )
    assert "lonely ≈ happy" in later.understood


def test_an_older_recipe_is_read_as_before():
    recipe = recipe_of(grid_of(), title="lonely piano")
    before = encode_recipe(recipe).replace(b',"near_words":[]', b"")
    assert b"near_words" not in before
    request = decode_recipe(before).request
    assert SketchGenerator().plan(request).ignored == ("lonely",)


def test_unknown_words_in_a_recipe_are_skipped():
    told = LoopRequest(prompt="lonely piano", near_words=(("lonely", "no such word"),))
    assert SketchGenerator().plan(told).ignored == ("lonely",)


def test_the_vector_file_is_small_and_complete():
    found = space()
    assert DATA.stat().st_size <= 3_000_000
    assert 20_000 <= len(found.words.split()) == len(found.vectors) <= 30_000
    assert np.abs(found.vectors).max(axis=1).min() == 127
    assert set(found.meanings) <= {NOTHING, *LEXICON}
