import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.words import read_facts


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("lo-fi at 93.5 bpm", 93.5),
        ("120bpm techno", 120.0),
        ("tempo 90 funk", 90.0),
        ("bpm: 140 trap", 140.0),
        ("86,5 BPM dub", 86.5),
        ("808 drums", None),
        ("900 bpm noise", None),
    ],
)
def test_a_tempo_in_words_is_found(prompt, bpm):
    assert read_facts(prompt).bpm == bpm


@pytest.mark.parametrize(
    ("prompt", "meter"),
    [("waltz in 3/4", "3/4"), ("7/8 groove", "7/8"), ("in 6/8 time", "6/8"), ("drums", "None")],
)
def test_a_meter_in_words_is_found(prompt, meter):
    assert str(read_facts(prompt).meter) == meter


@pytest.mark.parametrize(
    ("prompt", "bars"), [("four bars of bass", 4), ("8-bar loop", 8), ("2 bars", 2), ("bar", None)]
)
def test_bars_in_words_are_found(prompt, bars):
    assert read_facts(prompt).bars == bars


@pytest.mark.parametrize(
    ("prompt", "key", "mode"),
    [
        ("pads in F# minor", "F# minor", None),
        ("Eb major chords", "Eb major", None),
        ("bass in Am", "A minor", None),
        ("in the key of D", "D major", None),
        ("D dorian funk", "D dorian", None),
        ("minor key piano", "None", "minor"),
        ("a bell and a drum", "None", None),
        ("an A-major-like song", "A major", None),
        ("I'm happy", "None", None),
    ],
)
def test_a_key_or_a_mode_in_words_is_found(prompt, key, mode):
    facts = read_facts(prompt)
    assert str(facts.key) == key
    assert facts.mode == mode


def test_what_was_understood_is_taken_from_the_rest():
    facts = read_facts("dusty drums in 7/8 at 93.5 bpm, F# minor, 4 bars")
    assert facts.rest.startswith("dusty drums")
    for gone in ("7/8", "93.5", "minor", "bars"):
        assert gone not in facts.rest


@pytest.mark.parametrize("words", ["900 bpm", "5/7", "5000 bars"])
def test_facts_that_cannot_be_are_refused_and_named(words):
    facts = read_facts(f"drums {words}")
    assert any(words in each for each in facts.refused)


@given(st.text())
def test_any_prompt_can_be_read(prompt):
    facts = read_facts(prompt)
    assert facts.bpm is None or 20 <= facts.bpm <= 400
