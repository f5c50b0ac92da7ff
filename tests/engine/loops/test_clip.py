import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.clip import file_name, new_clip_id, slug
from engine.loops.request import cleaned_text
from engine.loops.tempo import format_bpm
from tests.fakes.clips import CLIP_ID, grid_of

NAME = re.compile(
    r"[a-z0-9]+(-[a-z0-9]+)*_\d+(\.\d+)?bpm_([A-G][sb]?[a-z]*_)?\d+bars_[a-z2-7]{8}\.wav"
)
titles = st.text(max_size=80)
tempos = st.integers(200_000, 4_000_000).map(lambda n: n / 10_000)
keys = st.sampled_from([None, "A minor", "F# minor", "Eb major", "D dorian", "C harmonic minor"])


def tempo_as_ardour_reads_it(name: str) -> float | None:
    """Read a tempo as Ardour does: the number that touches the first "bpm", not at the start."""
    head, found, _ = name.lower().partition("bpm")
    digits = re.search(r"[0-9.]*$", head)[0]
    if not found or not digits or len(digits) == len(head):
        return None
    return float(digits)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Warm bass", "warm-bass"),
        ("Dusty lo-fi drums!", "dusty-lo-fi-drums"),
        ("Trömmel für Élise", "trommel-fur-elise"),
        ("🥁", "loop"),
        ("", "loop"),
        ("../../etc/passwd", "etc-passwd"),
        ("a" * 60, "a" * 40),
        ("one two three four five six seven eight nine", "one-two-three-four-five-six-seven-eight"),
        ("140bpm roller", "roller"),
        ("BPM", "loop"),
    ],
)
def test_a_slug_is_plain_words(title, expected):
    assert slug(title) == expected


@given(titles, tempos, keys, st.integers(1, 64))
def test_a_file_name_has_the_documented_form(title, bpm, key, bars):
    name = file_name(title, grid_of(bpm=max(bpm, 60.0), bars=bars), key, CLIP_ID)
    assert NAME.fullmatch(name)
    assert len(name) < 100


@given(titles, tempos, keys)
def test_ardour_finds_the_tempo_in_the_name_whatever_the_title(title, bpm, key):
    name = file_name(cleaned_text(title), grid_of(bpm=bpm), key, CLIP_ID)
    assert tempo_as_ardour_reads_it(name) == bpm


@pytest.mark.parametrize(
    ("fields", "key", "name"),
    [
        ({}, "A minor", "warm-bass_128bpm_Am_4bars_abcd2345.wav"),
        ({"bpm": 93.5}, None, "warm-bass_93.5bpm_4bars_abcd2345.wav"),
        ({"bars": 3, "meter": "7/8"}, "F# minor", "warm-bass_128bpm_Fsm_3bars_abcd2345.wav"),
        ({"seconds": 2.5}, "D dorian", "warm-bass_Ddor_2.5s_abcd2345.wav"),
        ({"seconds": 1.0}, None, "warm-bass_1s_abcd2345.wav"),
    ],
)
def test_known_file_names(fields, key, name):
    assert file_name("Warm bass", grid_of(**fields), key, CLIP_ID) == name


def test_clip_ids_are_eight_characters_of_base32_and_do_not_repeat():
    ids = {new_clip_id() for _ in range(2_000)}
    assert len(ids) == 2_000
    assert all(re.fullmatch("[a-z2-7]{8}", each) for each in ids)


def test_a_tempo_in_a_name_has_no_trailing_zeros():
    assert f"_{format_bpm(128.0)}bpm_" in file_name("x", grid_of(bpm=128.0), None, CLIP_ID)
