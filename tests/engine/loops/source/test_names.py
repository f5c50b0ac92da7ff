"""What the names of files and folders say, by a table of the habits of many sample packs."""

import csv
from pathlib import Path

import pytest

from engine.loops.source.facts import Origin
from engine.loops.source.names import folder_facts, name_facts

TABLE = Path(__file__).with_name("names.tsv")


def read(known, origin=Origin.NAME):
    """Return tempo, key (`A#?` for a tonic alone), bars and meter as the table writes them."""
    listed = (known.tempos, known.keys, known.tonics, known.bars, known.meters, known.quarters)
    assert {fact.origin for facts in listed for fact in facts} <= {origin}
    bpm = max(known.tempos, key=lambda fact: fact.certainty, default=None)
    bars = [fact.value for fact in known.bars]
    bars += [fact.value / 4 for fact in known.quarters if fact.value >= 4]
    key = next((str(fact.value) for fact in known.keys), "")
    tonic = next((f"{fact.value.tonic}?" for fact in known.tonics), "")
    return (
        f"{bpm.value:g}" if bpm else "",
        key or tonic,
        str(bars[0]) if bars else "",
        str(known.meters[0].value) if known.meters else "",
    )


def table():
    with TABLE.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def test_98_percent_of_the_names_are_read_as_intended():
    rows = list(table())
    wrong = [
        (row["name"], wanted, found)
        for row in rows
        if (found := read(name_facts(row["name"])))
        != (wanted := (row["bpm"], row["key"], row["bars"], row["meter"]))
    ]
    assert len(rows) >= 150
    assert len(wrong) <= 0.02 * len(rows), wrong


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        ("120 BPM", ("120", "", "", "")),
        ("174", ("174", "", "", "")),
        ("Drum Loops 140bpm", ("140", "", "", "")),
        ("Am", ("", "A minor", "", "")),
        ("F#", ("", "F#?", "", "")),
        ("C Minor - 90 BPM", ("90", "C minor", "", "")),
        ("4 Bars", ("", "", "4", "")),
        ("Loops 120-130 BPM", ("", "", "", "")),
        ("Studio 140 Sessions", ("", "", "", "")),
        ("Volume 90", ("", "", "", "")),
        ("A", ("", "A?", "", "")),
        ("Best of A", ("", "", "", "")),
        ("2024", ("", "", "", "")),
    ],
)
def test_a_folder_is_less_certain_than_a_name(folder, wanted):
    assert read(folder_facts((folder,)), Origin.FOLDER) == wanted


def test_a_labelled_number_is_more_certain_than_a_bare_one():
    explained, bare, listed = (
        name_facts(name).tempos[0].certainty
        for name in ("a_140bpm.wav", "a_140_b.wav", "drum loop 140.wav")
    )
    assert explained > bare > listed


def test_two_bare_numbers_are_both_uncertain():
    both = name_facts("label_90_drums_140.wav").tempos
    assert [fact.value for fact in both] == [90, 140]
    assert both[0].certainty < name_facts("drums_140_x.wav").tempos[0].certainty


def test_half_a_bar_is_two_quarter_notes():
    assert [fact.value for fact in name_facts("half_bar_136bpm.wav").quarters] == [2]
