"""The policy of derived loops, as a table: which model, which settings, and why not."""

import msgspec
import pytest

from engine.loops.derive import (
    Blend,
    CannotDerive,
    Models,
    between_prompts_request,
    blend_request,
    derived_request,
    is_sketch_alone,
    model_for,
    sounding_model,
)
from engine.loops.request import LoopRequest, checked_request
from engine.models.catalogue import built_in_catalogue
from tests.fakes.clips import grid_of, recipe_of, retempoed_recipe

MODES = {entry.id: entry.modes for entry in built_in_catalogue().entries}


def chosen(model="sketch") -> Models:
    return Models(chosen=model, modes=MODES)


def recipe_by(model="sketch", **request):
    recipe = recipe_of(grid_of())
    return msgspec.structs.replace(
        recipe, model=msgspec.structs.replace(recipe.model, id=model),
        request=msgspec.structs.replace(recipe.request, model=model, **request),
    )  # fmt: skip


RETEMPOED = retempoed_recipe("musicldm", grid_of())
VARIED_BY_NOBODY_KNOWS = recipe_by(mode="vary", source="aaaa2222")
RECORDED = recipe_by("recording")
ONLY_ITS_OWN = (
    "Sketch can only vary what it played alone: choose such a loop, or a model such as musicldm."
)
REDONE = (
    "Bars of 'Warm bass' were redone, so not all of its notes are known: vary the loop it "
    "was made from, redo other bars, or choose a model such as musicldm."
)
BLENDED = (
    "'Warm bass' is a blend, whose notes nobody played: continue one of its loops and blend again, "
    "redo bars, or choose a model such as musicgen-small."
)


@pytest.mark.parametrize(
    ("mode", "recipe", "model", "plays"),
    [
        ("vary", recipe_by(), "musicldm", "sketch"),
        ("vary", recipe_by("musicldm"), "sketch", "musicldm"),
        ("vary", RETEMPOED, "sketch", "musicldm"),
        ("vary", retempoed_recipe("sketch", grid_of()), "musicldm", "sketch"),
        ("vary", VARIED_BY_NOBODY_KNOWS, "musicldm", "musicldm"),
        ("vary", RECORDED, "audioldm2", "audioldm2"),
        ("vary", None, "musicldm", "musicldm"),
        ("continue", recipe_by("musicldm"), "musicgen-small", "musicgen-small"),
        ("continue", recipe_by("musicgen-large"), "sketch", "musicgen-large"),
        ("melody", recipe_by(), "musicgen-melody", "musicgen-melody"),
        ("redo", recipe_by("musicldm"), "sketch", "musicldm"),
        ("redo", RECORDED, "sketch", "sketch"),
        ("redo", recipe_by("a-folder-that-is-gone"), "sketch", "sketch"),
        ("vary", RECORDED, "a-folder-of-mine", "a-folder-of-mine"),
        ("retempo", recipe_by("musicldm"), "sketch", "sketch"),
        ("blend", recipe_by("musicldm"), "audioldm2", "audioldm2"),
    ],
)
def test_the_clips_own_model_is_used_if_it_can_and_else_the_chosen_one(mode, recipe, model, plays):
    assert model_for(mode, recipe, chosen(model)) == plays


def test_stems_are_played_by_sketch_where_it_knows_the_notes_and_else_taken_by_a_model_that_can():
    modes = {"hearing": ("stems",), "other": ("stems",), "sketch": ("stems",), "deaf": ()}
    able = Models(chosen="hearing", modes=modes)
    assert derived_request("stems", "aaaa2222", recipe_by(), able).model == "sketch"
    assert derived_request("stems", "aaaa2222", RECORDED, able).model == "hearing"
    assert derived_request("stems", "aaaa2222", None, able).model == "hearing"
    assert derived_request("stems", "aaaa2222", recipe_by("other"), able).model == "other"
    with pytest.raises(CannotDerive, match="takes them out of any loop, such as hearing"):
        derived_request("stems", "aaaa2222", RECORDED, Models(chosen="deaf", modes=modes))
    with pytest.raises(CannotDerive, match="only what sketch played alone has MIDI and stems"):
        derived_request("stems", "aaaa2222", RECORDED, Models(chosen="deaf", modes={"deaf": ()}))


def test_a_part_that_fits_is_played_by_the_chosen_model_if_it_can_and_else_by_sketch():
    hears = Models(chosen="hearing", modes={"hearing": ("redo", "accompany"), "other": ("redo",)})
    recipe = recipe_by()
    plays = derived_request("accompany", "aaaa2222", recipe, hears, takes=2)
    assert (plays.model, plays.mode, plays.takes) == ("hearing", "accompany", 2)
    for model in ("other", "unknown", "sketch"):
        others = Models(chosen=model, modes=hears.modes)
        assert derived_request("accompany", "aaaa2222", recipe, others).model == "sketch"


@pytest.mark.parametrize(
    ("mode", "recipe", "model", "sentence"),
    [
        ("vary", VARIED_BY_NOBODY_KNOWS, "sketch", ONLY_ITS_OWN),
        ("vary", None, "sketch", ONLY_ITS_OWN),
        ("vary", recipe_by(mode="redo", source="aaaa2222"), "sketch", REDONE),
        ("continue", recipe_by(mode="blend", source="aaaa2222"), "sketch", BLENDED),
        ("vary", RECORDED, "musicgen-small",
         "musicgen-small cannot vary: choose a model such as musicldm."),
        ("melody", RECORDED, "sketch",
         "sketch cannot follow a melody: choose a model such as musicgen-melody."),
    ],
)  # fmt: skip
def test_if_neither_model_can_the_error_says_what_to_choose(mode, recipe, model, sentence):
    with pytest.raises(CannotDerive) as error:
        model_for(mode, recipe, chosen(model))
    assert str(error.value) == sentence


def test_a_clips_model_is_the_last_one_that_generated_it():
    assert sounding_model(RETEMPOED) == "musicldm"
    assert sounding_model(recipe_by("musicldm")) == "musicldm"
    assert sounding_model(RECORDED) == "recording"


def test_sketch_continues_only_its_own_clips():
    assert is_sketch_alone(recipe_by())
    assert not is_sketch_alone(recipe_by("musicldm"))
    assert not is_sketch_alone(VARIED_BY_NOBODY_KNOWS)
    assert not is_sketch_alone(None)


def test_the_models_settings_are_kept_and_time_and_seed_are_open():
    recipe = recipe_by("musicldm", steps=30, guidance=2.0, bpm=90.0, key="A minor", bits="16")
    own = derived_request("vary", "abcd2345", recipe, chosen(), takes=3)
    assert own == LoopRequest(
        prompt="Warm bass", model="musicldm", steps=30, guidance=2.0, bits="16", takes=3,
        source="abcd2345", mode="vary",
    )  # fmt: skip
    other = derived_request("continue", "abcd2345", recipe, chosen("musicgen-small"))
    assert (other.model, other.steps, other.prompt) == ("musicgen-small", None, "Warm bass")


@pytest.mark.parametrize("mode", ["retempo", "rekey"])
def test_modes_without_a_model_keep_only_rate_and_depth(mode):
    recipe = recipe_by("musicldm", steps=30, rate=44_100, bits="16")
    assert derived_request(mode, "abcd2345", recipe, chosen(), takes=4) == LoopRequest(
        source="abcd2345", mode=mode, rate=44_100, bits="16"
    )


def test_a_file_of_unknown_origin_is_reworked_by_the_chosen_model():
    request = derived_request("vary", "rain.wav", None, chosen("musicldm"))
    assert request == LoopRequest(model="musicldm", source="rain.wav", mode="vary")


def test_an_audio_blend_needs_no_model_and_a_latent_blend_the_chosen_one():
    plain = blend_request("a", "b", recipe_by(), Blend(amount=0.3), chosen("musicldm"), takes=4)
    assert plain == LoopRequest(source="a", with_source="b", mode="blend", amount=0.3)
    latents = blend_request(
        "a", "b", recipe_by(), Blend(amount=0.3, in_latents=True), chosen("musicldm"), takes=4
    )
    assert (latents.model, latents.blend_in, latents.takes) == ("musicldm", "latents", 4)
    renoised = blend_request("a", "b", None, Blend(amount=0.3, renoise=0.4), chosen("audioldm2"))
    assert (renoised.model, renoised.renoise, renoised.takes) == ("audioldm2", 0.4, 1)


def test_a_loop_between_two_prompts_has_the_grid_of_the_first():
    second = recipe_by(prompt="glass bells")
    request = between_prompts_request(RETEMPOED, second, 0.25, chosen())
    assert (request.model, request.toward, request.toward_amount) == (
        "musicldm",
        "glass bells",
        0.25,
    )
    assert (request.bpm, request.bars, request.meter) == (128.0, 4, "4/4")
    assert checked_request(request).source is None
