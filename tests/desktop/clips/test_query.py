from pathlib import Path

import msgspec
import pytest

from desktop.clips.query import Query
from desktop.clips.rows import Mark, row_of_name, row_with_recipe
from tests.fakes.clips import grid_of, recipe_of

ROW = row_of_name(Path("dusty-lo-fi-drums_84.5bpm_Am_4bars_abcd2345.wav"), 1)
MARKED = msgspec.structs.replace(ROW, mark=Mark(starred=True, tags=("b-side",)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dusty",
        "DRUMS dusty",
        "80-90",
        "80 – 90 drums",
        "84.5bpm",
        "84 bpm",
        "Am",
        "84",
        "A minor",
        "4 bars",
        "drums a minor 84 4 bars",
    ],
)
def test_a_query_matches_the_clip(text):
    assert Query.parse(text).matches(ROW)


@pytest.mark.parametrize(
    "text",
    [
        "bass",
        "drums bass",
        "90-100",
        "85.2 bpm",
        "starred",
        "b-side",
        "D minor",
        "8 bars",
        "120",
        "7/8",
    ],
)
def test_a_query_excludes_the_clip(text):
    assert not Query.parse(text).matches(ROW)


@pytest.mark.parametrize("text", ["starred", "drums 80-90 starred", "b-side starred"])
def test_stars_and_tags_are_found(text):
    assert Query.parse(text).matches(MARKED)


def test_a_one_shot_cannot_be_found_by_tempo():
    shot = row_of_name(Path("boom_2.5s_abcd2345.wav"), 1)
    assert not Query.parse("80-90").matches(shot)
    assert Query.parse("boom").matches(shot)


def test_a_meter_is_found_by_the_recipe():
    made = row_with_recipe(ROW, recipe_of(grid_of("7/8")))
    assert Query.parse("7/8").matches(made)
    assert not Query.parse("4/4").matches(made)


def test_numbers_that_are_no_tempo_are_words():
    kick = row_of_name(Path("808-kick_84bpm_1bars_abcd2345.wav"), 1)
    assert Query.parse("808").matches(kick)
    assert not Query.parse("909").matches(kick)
