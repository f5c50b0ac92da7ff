import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.prompt_grammar import Kind
from engine.loops.prompt_reader import read_prompt
from engine.loops.tempo import format_bpm

TABLE = Path(__file__).with_name("prompts.tsv")
"""Prompts in many hands and languages, with the facts that a musician finds in them."""


def rows():
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["prompt"][:40])
def test_sample_prompts_are_read_as_musicians_read_them(row):
    facts = read_prompt(row["prompt"])
    found = {
        "bpm": format_bpm(facts.bpm) if facts.bpm else "",
        "meter": str(facts.meter or ""),
        "bars": str(facts.bars or ""),
        "key": str(facts.key or ""),
    }
    assert found == {name: row[name] for name in found}


def test_there_are_enough_sample_prompts():
    assert len(rows()) >= 300


def test_every_span_names_the_fact_of_its_words():
    prompt = "Techno, 1/16 hats, 130 BPM, 4 bars, F♯m, 7/8"
    spans = read_prompt(prompt).spans
    assert [(span.kind, span.text) for span in spans] == [
        (Kind.NOTE_VALUE, "1/16"), (Kind.TEMPO, "130 BPM"), (Kind.BARS, "4 bars"),
        (Kind.KEY, "F♯m"), (Kind.METER, "7/8"),
    ]  # fmt: skip
    assert all(prompt[span.start : span.end].strip() == span.text for span in spans)


def test_a_contradiction_of_an_earlier_word_is_named():
    facts = read_prompt("house at 90 bpm, 120 bpm, Am then C minor")
    assert (facts.bpm, str(facts.key)) == (90.0, "A minor")
    assert facts.refused == ("120 bpm (the tempo is 90)", "C minor (the key is A minor)")


def test_note_values_stay_in_the_models_prompt():
    facts = read_prompt("acid bassline, 1/16 notes, 130 bpm")
    assert (facts.note_values, facts.meter) == ((16,), None)
    assert facts.rest == "acid bassline, 1/16 notes"


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
def test_a_tempo_is_found_in_words(prompt, bpm):
    assert read_prompt(prompt).bpm == bpm


@pytest.mark.parametrize(
    ("prompt", "meter"),
    [("waltz in 3/4", "3/4"), ("7/8 groove", "7/8"), ("in 6/8 time", "6/8"), ("drums", "None")],
)
def test_a_meter_is_found_in_words(prompt, meter):
    assert str(read_prompt(prompt).meter) == meter


@pytest.mark.parametrize(
    ("prompt", "bars"), [("four bars of bass", 4), ("8-bar loop", 8), ("2 bars", 2), ("bar", None)]
)
def test_bars_are_found_in_words(prompt, bars):
    assert read_prompt(prompt).bars == bars


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
def test_a_key_or_a_mode_is_found_in_words(prompt, key, mode):
    facts = read_prompt(prompt)
    assert str(facts.key) == key
    assert facts.mode == mode


def test_understood_words_are_removed_from_the_rest():
    facts = read_prompt("dusty drums in 7/8 at 93.5 bpm, F# minor, 4 bars")
    assert facts.rest.startswith("dusty drums")
    for gone in ("7/8", "93.5", "minor", "bars"):
        assert gone not in facts.rest


@pytest.mark.parametrize("words", ["900 bpm", "5/7", "5000 bars"])
def test_invalid_facts_are_refused_and_named(words):
    facts = read_prompt(f"drums {words}")
    assert any(words in each for each in facts.refused)


@given(st.text())
def test_any_prompt_can_be_read(prompt):
    facts = read_prompt(prompt)
    assert facts.bpm is None or 20 <= facts.bpm <= 400
