"""The names of exported files."""

import msgspec
import pytest

from engine.loops.errors import LoopError
from engine.loops.export_names import Named, file_names
from engine.loops.tempo import LoopGrid
from tests.fakes.clips import CLIP_ID, grid_of, recipe_of

LOOP = Named.of("warm-bass_x", recipe_of(grid_of("7/8", bpm=93.5), key="D minor"))
DRUMS = Named.of(
    "drums_x",
    msgspec.structs.replace(recipe_of(grid_of(), title="Drums", key="D minor"), role="drums"),
)
SHOT = Named.of("shot_x", recipe_of(LoopGrid(bpm=120.0, bars=0, seconds=1.5), title="Shot"))


def names(pattern, *clips, suffix=".wav"):
    return file_names(clips, pattern, [suffix] * len(clips))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{name}", ["warm-bass_x", "drums_x", "shot_x"]),
        ("{title}_{tempo}_{key}_{length}", ["Warm bass_93.5bpm_Dm_4bars", "Drums_128bpm_4bars",
                                            "Shot_1.5s"]),
        ("{key} {title}", ["Dm Warm bass", "Drums", "Shot"]),
        ("{number} - {title}", ["1 - Warm bass", "2 - Drums", "3 - Shot"]),
        ("{meter}, {take}, {model}", ["7-8, take1, sketch", "4-4, take1, sketch",
                                      "take1, sketch"]),
        ("{id} {date}", [f"{CLIP_ID} 2026-01-31", f"{CLIP_ID} 2026-01-31 2",
                         f"{CLIP_ID} 2026-01-31 3"]),
        ("loop", ["loop", "loop 2", "loop 3"]),
        ("{role}", ["loop", "drums", "loop 2"]),
    ],
)  # fmt: skip
def test_a_pattern_is_filled_and_no_two_names_are_the_same(pattern, expected):
    assert names(pattern, LOOP, DRUMS, SHOT) == [f"{name}.wav" for name in expected]


def test_names_that_differ_in_capitals_alone_are_the_same_file():
    clips = [Named(name="A"), Named(name="a")]
    assert names("{name}", *clips, suffix=".flac") == ["A.flac", "a 2.flac"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("AC/DC: loud?", "AC-DC- loud-"),
        ("..hidden. ", "hidden"),
        ("con", "_con"),
        ("COM1.take", "_COM1.take"),
        ("Café 鼓", "Café 鼓"),
        ("鼓" * 300, "鼓" * 66),
        ("\n:", "--"),
    ],
)
def test_every_system_can_have_the_name(title, expected):
    assert names("{title}", Named(name="x", title=title)) == [f"{expected}.wav"]


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [("{artist}", "{artist} is no part of a name: use {name}, {title}"), ("{title", "brace alone")],
)
def test_a_wrong_pattern_is_refused_in_a_sentence(pattern, sentence):
    with pytest.raises(LoopError) as refused:
        names(pattern, LOOP)
    assert sentence in str(refused.value)
