"""The verbs as data: what they ask for, and why some cannot be done."""

import msgspec
import pytest

from desktop.clips.rows import ClipRow, row_with_recipe
from desktop.clips.verbs import (
    VERBS,
    blending_model,
    disabled_reason_of,
    nearest,
    request_for,
    request_for_blend,
    title_of,
    verb_states,
)
from desktop.prompt.derive_context import DeriveContext
from engine.loops.derive import Blend, Models
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest, SourceMode, checked_request
from engine.models.catalogue import built_in_catalogue
from tests.fakes.clips import grid_of, recipe_of

VARY, CONTINUE, BLEND, REDO, RETEMPO, REKEY = VERBS
MODES = {entry.id: entry.modes for entry in built_in_catalogue().entries}


def now(model="sketch", **fields) -> DeriveContext:
    time = SessionTime(bpm=92.0, key="D minor")
    models = Models(chosen=model, modes=MODES)
    return DeriveContext(**{"time": time, "models": models} | fields)


def any_request_for(verb, row, situation, other) -> LoopRequest:
    if verb == SourceMode.BLEND:
        return request_for_blend(row, other, Blend(amount=0.5), situation)
    return request_for(verb, row, situation)


def row_of(clip_id="abcd2345", *, key=None, model="sketch", request=None, **grid) -> ClipRow:
    recipe = recipe_of(grid_of(**grid), key=key)
    recipe = msgspec.structs.replace(
        recipe, model=msgspec.structs.replace(recipe.model, id=model),
        request=request or msgspec.structs.replace(recipe.request, model=model),
    )  # fmt: skip
    return row_with_recipe(named_row(clip_id), recipe)


def named_row(clip_id="abcd2345", bars=4, **fields) -> ClipRow:
    file = f"/project/warm-bass_128bpm_4bars_{clip_id}.wav"
    return ClipRow(
        **{"id": clip_id, "file": file, "written_ns": 1, "title": "warm bass"} | fields, bars=bars
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_a_sketch_clip_is_a_valid_request(verb):
    row, situation = row_of(key="A minor"), now(bars=(2, 3))
    assert disabled_reason_of(verb, row, situation) == ""
    request = checked_request(any_request_for(verb, row, situation, other=row_of("bcde2345")))
    assert (request.source, request.mode, request.seed) == ("abcd2345", verb, None)
    fields = {
        VARY: {"amount": 0.2, "prompt": "Warm bass"},
        CONTINUE: {"prompt": "Warm bass"},
        BLEND: {"with_source": "bcde2345", "amount": 0.5},
        REDO: {"redo_bars": "2-3", "prompt": "Warm bass"},
        RETEMPO: {"bpm": 92.0, "prompt": ""},
        REKEY: {"key": "D minor", "prompt": ""},
    }[verb]
    assert {name: getattr(request, name) for name in fields} == fields


def test_rate_and_depth_are_taken_from_the_clip():
    original = LoopRequest(prompt="bass", rate=44_100, bits="16", seed=1)
    for verb in VERBS:
        request = any_request_for(
            verb, row_of(request=original), now(bars=(1, 1)), other=row_of("b")
        )
        assert (request.rate, request.bits) == (44_100, "16")


def test_only_settings_of_the_clips_own_model_are_kept():
    original = LoopRequest(prompt="bass", model="musicldm", steps=30, guidance=2.0, seed=4, takes=1)
    mine = request_for(VARY, row_of(model="musicldm", request=original), now("sketch", takes=3))
    assert (mine.model, mine.steps, mine.takes, mine.seed) == ("musicldm", 30, 3, None)
    other = request_for(CONTINUE, row_of(model="musicldm", request=original), now("musicgen-small"))
    assert (other.model, other.steps, other.prompt) == ("musicgen-small", None, "bass")


@pytest.mark.parametrize("how", [{"in_latents": True}, {"renoise": 0.4}])
def test_a_chosen_model_blends_in_latents_and_leaves_prompts_to_the_engine(how):
    original = LoopRequest(prompt="bass", model="musicldm", scheduler="pndm", seed=4, bits="16")
    row, situation = row_of(model="musicldm", request=original), now("audioldm2", takes=2)
    assert blending_model(situation.models) == "audioldm2"
    assert blending_model(now().models) is None
    request = request_for_blend(row, row_of("b"), Blend(amount=0.3, **how), situation)
    assert checked_request(request) == LoopRequest(
        model="audioldm2", bits="16", takes=2, source="abcd2345", with_source="b",
        mode="blend", amount=0.3, renoise=how.get("renoise"),
        blend_in="latents" if "in_latents" in how else None,
    )  # fmt: skip


def test_an_audio_blend_needs_no_model_even_if_one_is_selected():
    blend = Blend(amount=0.5)
    request = request_for_blend(row_of(), row_of("b"), blend, now("musicldm", takes=4))
    assert request.needs_no_model
    assert (request.model, request.takes) == ("sketch", 1)


def test_buttons_show_amount_bars_and_target():
    titles = [state.title for state in verb_states(row_of(), now(bars=(2, 3), amount=0.3))]
    assert titles == [
        "Vary 30 %", "Continue", "Blend…", "Redo bars 2–3", "Retempo to 92",
        "Rekey to Dm",
    ]  # fmt: skip
    assert title_of(REDO, now(bars=(3, 3))) == "Redo bar 3"


VARIED = LoopRequest(prompt="bass", mode="vary", source="aaaa2222", seed=1)


@pytest.mark.parametrize(
    ("verb", "row", "situation", "why"),
    [
        (VARY, None, now(), "Choose a clip first."),
        (VARY, named_row(bars=None), now(), "A one-shot has no bars"),
        (VARY, row_of(request=VARIED), now(), "Sketch can only vary what it played alone"),
        (VARY, row_of(model="craft"), now("musicgen-small"), "musicgen-small cannot vary"),
        (CONTINUE, row_of(model="musicldm"), now("musicldm"), "musicldm cannot continue"),
        (REDO, row_of(), now(), "Drag over the bars to redo"),
        (REDO, named_row(), now(bars=(1, 1)), "The prompt of this clip is not known"),
        (RETEMPO, row_of(bpm=92.0), now(), "The clip is already at 92 BPM"),
        (REKEY, row_of(), now(), "This clip has no key"),
        (REKEY, row_of(key="D minor"), now(), "The clip is already in D minor"),
        (REKEY, row_of(key="A minor"), now(time=SessionTime()), "Set a key in the transport first"),
        (REKEY, named_row(key="Good"), now(), "This clip has no key"),
    ],
)
def test_a_disabled_verb_gives_the_reason_and_a_remedy(verb, row, situation, why):
    disabled_reason = disabled_reason_of(verb, row, situation)
    assert disabled_reason.startswith(why)
    assert disabled_reason.endswith(".")


def test_a_chosen_model_does_what_the_clips_own_cannot():
    varied = row_of(request=VARIED)
    assert disabled_reason_of(VARY, varied, now("musicldm")) == ""
    assert request_for(VARY, varied, now("musicldm")).model == "musicldm"


def test_blend_candidates_are_ordered_by_tempo_and_key():
    row = row_of(bpm=100.0, key="A minor")
    others = [
        row_of("far22222", bpm=140.0, key="A minor"),
        row_of("near2222", bpm=101.0, key="Bb minor"),
        row_of("rela2222", bpm=101.0, key="C major"),
        row_of("drum2222", bpm=100.0),
        named_row("shot2222", bars=None),
        row,
    ]
    found = [each.id for each in nearest(row, others, 3)]
    assert found == ["drum2222", "rela2222", "near2222"]


def test_loops_made_by_sketch_or_craft_are_varied_by_sketch():
    origin = row_of().recipe.request
    for mode, model in (("vary", "sketch"), ("retempo", "craft")):
        row = row_of(model=model, request=LoopRequest(prompt="bass", mode=mode, source="a", seed=1))
        recipe = msgspec.structs.replace(row.recipe, made_from=(origin,))
        row = msgspec.structs.replace(row, recipe=recipe)
        assert disabled_reason_of(VARY, row, now("musicgen-small")) == ""
        assert request_for(VARY, row, now("musicgen-small")).model == "sketch"


def test_drums_have_no_key_to_change():
    row = row_of(key="A minor")
    drums = msgspec.structs.replace(row.recipe, role="drums")
    assert disabled_reason_of(REKEY, row, now()) == ""
    disabled_reason = disabled_reason_of(REKEY, msgspec.structs.replace(row, recipe=drums), now())
    assert disabled_reason.startswith("This clip has no key")
