"""Loops of sketch 1 can be made again: its recipes say so, and its sounds have not changed."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.generators.sketch.generator import SketchGenerator
from engine.loops.errors import OutOfRange
from engine.loops.recipe import decode_recipe, encode_recipe
from engine.loops.request import LoopRequest, checked_request
from engine.loops.tempo import LoopGrid
from tests.engine.generators.sketch.study import loop
from tests.fakes.clips import recipe_of

_VERSION_1 = json.loads(Path(__file__).with_name("version1.json").read_text())
"""Loops rendered by 0.1.0: the level, and that of the steps between frames, of twelfths."""


@pytest.mark.parametrize("prompt", _VERSION_1)
def test_sketch_1_sounds_as_it_did(prompt):
    known = _VERSION_1[prompt]
    _, audio = loop(prompt, known["seed"], bars=known["bars"], near_words=(), sketch_version=1)
    blocks = audio[: len(audio) // 12 * 12].reshape(12, -1, 2).astype(float)
    # Processors round differently, which is far below what any other sound would change.
    np.testing.assert_allclose(np.sqrt((blocks**2).mean(axis=1)), known["rms"], atol=2e-5)
    steps = np.diff(blocks, axis=1)
    np.testing.assert_allclose(np.sqrt((steps**2).mean(axis=1)), known["edge"], atol=2e-5)


def test_the_newest_version_plays_unless_the_request_names_one():
    plan = SketchGenerator().plan(LoopRequest(prompt="funk drums", seed=1))
    assert str(plan.sketch_version) == SketchGenerator.facts.revision
    _, newest = loop("funk drums", 1, bars=1)
    _, named = loop("funk drums", 1, bars=1, sketch_version=plan.sketch_version)
    _, first = loop("funk drums", 1, bars=1, sketch_version=1)
    assert np.array_equal(newest, named)
    assert not np.allclose(newest, first, atol=0.02)


def test_a_recipe_without_a_version_is_of_sketch_1():
    recipe = recipe_of(LoopGrid(bpm=100))
    old = msgspec.structs.replace(
        recipe, request=msgspec.structs.replace(recipe.request, sketch_version=None)
    )
    assert decode_recipe(encode_recipe(old)).request.sketch_version == 1


def test_a_variation_is_played_by_the_version_of_its_source():
    made = LoopRequest(prompt="dry funk drums", seed=5, bars=1, sketch_version=1)
    brief, before = loop(made.prompt, 5, bars=1, sketch_version=1)
    asked = msgspec.structs.replace(made, mode="vary", source="a", amount=0.0, sketch_version=None)
    (take,) = SketchGenerator().generate_from(
        asked, brief.grid, [9], [before], (made,), lambda *_: None
    )
    assert np.array_equal(take.audio, before)


def test_a_version_that_does_not_exist_is_named():
    with pytest.raises(OutOfRange, match="version of sketch"):
        checked_request(LoopRequest(prompt="bass", sketch_version=9))
