"""Names by the conventions of sample packs."""

import msgspec
import pytest

from engine.loops.recipe import ModelFacts, Recipe, Scores
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid
from engine.packs.names import checked_folder, file_stem, folder_of, pack_name

RECIPE = Recipe(
    program="", created="", clip_id="", request_id="", asked_seed=1, asked_takes=1, take=0, rank=1,
    request=LoopRequest(prompt="dusty lo-fi drums with swing at 84 bpm"), grid=LoopGrid(bpm=84.0),
    model=ModelFacts(id="", name="", revision="", licence=""), title="", role="drums",
    scores=Scores(loudness_db=0, peak_db=0, seam=0),
)  # fmt: skip


def recipe(prompt, role, key=None, **grid):
    return msgspec.structs.replace(
        RECIPE,
        request=LoopRequest(prompt=prompt), role=role, key=key,
        grid=LoopGrid(**{"bpm": 128.0} | grid),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "words", "stem"),
    [
        (RECIPE, "", "VP_84_drums_dusty-lo-fi"),
        (RECIPE, "Break No. 5", "VP_84_drums_break-no-5"),
        (recipe("deep house bass in A minor", "bass", "A minor"), "", "VP_128_bass_deep-house_Am"),
        (recipe("warm pads", "pad", "F# minor", bpm=93.5), "", "VP_93.5_pad_warm_Fsm"),
        (recipe("jazz full mix", "full mix", "Eb major"), "", "VP_128_full-mix_jazz_Eb"),
        (recipe("Größe 東京", "lead", "C major"), "", "VP_128_lead_groe_C"),
        (recipe("bpm drums", "drums"), "", "VP_128_drums"),
        (recipe("dusty drums", "drums", "A minor"), "", "VP_128_drums_dusty"),
        (recipe("kick", None, seconds=0.5, bars=0), "", "VP_one-shot_kick"),
    ],
)
def test_a_file_says_tempo_role_words_and_key(made, words, stem):
    assert file_stem("Vendor", "Pack", made, words) == stem


def test_folders_follow_the_role():
    assert folder_of(RECIPE) == "Drums"
    assert folder_of(recipe("x", "full mix")) == "Full Mixes"
    assert folder_of(recipe("x", "zither")) == "Loops"
    assert folder_of(recipe("x", "drums", seconds=1.0, bars=0)) == "One Shots"


@pytest.mark.parametrize(
    "text", ["..", "../up", "/", ".hidden", "a/b\\c", "\n", "COM1:", "x" * 500]
)
def test_names_from_a_list_stay_inside_the_pack(text):
    for name in (checked_folder(text), pack_name(text, text), file_stem(text, text, RECIPE, text)):
        assert "/" not in name
        assert "\\" not in name
        assert ":" not in name
        assert not name.startswith(".")
        assert len(name) < 140
