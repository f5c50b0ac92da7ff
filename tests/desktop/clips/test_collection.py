import itertools
from pathlib import Path
from random import Random

import pytest

from desktop.clips.collection import ORDERS, ClipCollection
from desktop.clips.query import Query
from desktop.clips.rows import Mark, row_of_name, row_with_recipe
from engine.loops.clip import file_name
from tests.fakes.clips import grid_of, recipe_of

IDS = ["abcd2345", "bcde2345", "cdef2345"]


def rows(*bpms):
    return [
        row_of_name(Path(f"loop-{n}_{bpm}bpm_4bars_{clip_id}.wav"), n)
        for n, (bpm, clip_id) in enumerate(zip(bpms, IDS, strict=False))
    ]


def row_of(clip_id, bpm, written_ns):
    return row_of_name(Path(f"loop_{bpm}bpm_4bars_{clip_id}.wav"), written_ns)


@pytest.fixture
def collection():
    collection = ClipCollection()
    collection.reported = []
    collection.on_change = collection.reported.append
    collection.put(rows(90, 80, 100))
    return collection


def shown(collection):
    return [row.id for row in collection.shown]


@pytest.mark.parametrize(
    ("grid", "key", "expected"),
    [
        (grid_of(bpm=93.5), "F# minor", ("warm bass", 93.5, "F#m", 4)),
        (grid_of(bpm=128.0), "Eb major", ("warm bass", 128.0, "Eb", 4)),
        (grid_of(bpm=128.0), None, ("warm bass", 128.0, "", 4)),
        (grid_of(seconds=2.5, bars=0), None, ("warm bass", None, "", None)),
    ],
)
def test_a_row_takes_its_values_from_the_file_name(grid, key, expected):
    row = row_of_name(Path(file_name("Warm bass", grid, key, "abcd2345")), 1)
    assert (row.title, row.bpm, row.key, row.bars) == expected
    assert row.id == "abcd2345"


@pytest.mark.parametrize("name", ["kick.wav", "loop_4bars_short.wav", "a_84bpm_4bars_abcd2345.mp3"])
def test_foreign_files_have_no_row(name):
    assert row_of_name(Path(name), 1) is None


def test_file_contents_override_the_name():
    row = row_of_name(Path("other_1bpm_1bars_abcd2345.wav"), 1)
    full = row_with_recipe(row, recipe_of(grid_of(bpm=93.5), key="D minor"))
    assert (full.title, full.bpm, full.key, full.bars) == ("Warm bass", 93.5, "Dm", 4)
    assert "Warm bass, sketch, 93.5 BPM, Dm, 4 bars" in full.spoken


def test_the_newest_comes_first(collection):
    assert shown(collection) == IDS[::-1]
    assert collection.reported == [None]


@pytest.mark.parametrize("name", ORDERS)
def test_every_sort_order_shows_all_clips(collection, name):
    collection.order_by(name)
    assert sorted(shown(collection)) == IDS


def test_the_list_can_be_ordered_by_tempo(collection):
    collection.order_by("Tempo")
    assert [row.bpm for row in collection.shown] == [80, 90, 100]


def test_only_an_updated_row_is_announced(collection):
    collection.reported.clear()
    collection.mark(IDS[1], Mark(starred=True))
    assert collection.reported == [[IDS[1]]]
    assert collection.row(IDS[1]).mark.starred


def test_a_mark_may_precede_its_clip_and_survives_rereading(collection):
    collection.expect_mark("defg2345", Mark(title="Mine"))
    row = row_of_name(Path("x_84bpm_4bars_defg2345.wav"), 9)
    collection.put([row])
    collection.put([row_with_recipe(row, recipe_of(grid_of()))])
    assert collection.row("defg2345").shown_title == "Mine"


def test_searching_filters_without_losing_clips(collection):
    collection.search("85-105")
    assert shown(collection) == [IDS[2], IDS[0]]
    assert collection.place(IDS[1]) is None
    assert collection.total == 3
    collection.search("")
    assert len(collection) == 3


def test_removed_clips_leave_the_list(collection):
    collection.remove([IDS[1], "unknown2"])
    assert shown(collection) == [IDS[2], IDS[0]]


def test_rows_stay_sorted_through_single_changes():
    random = Random(4)
    collection, fresh = ClipCollection(), ClipCollection()
    for number in range(300):
        name = random.choice(list(ORDERS))
        clip_id = random.choice("abcdefghijklmnopqrstuvwxyz") * 8
        if random.random() < 0.3:
            collection.remove([clip_id])
            fresh.remove([clip_id])
        else:
            collection.put([row_of(clip_id, random.choice([80, 90]), number % 7)])
            fresh.put([collection.row(clip_id)])
        fresh.search("none")  # what is found again is sorted anew
        fresh.order_by(name)
        fresh.search("")
        collection.order_by(name)
        assert shown(collection) == shown(fresh)
        assert [collection.place(row.id) for row in collection.shown] == list(
            range(len(collection))
        )


def test_a_new_row_and_an_updated_one_are_one_change():
    collection, reported = ClipCollection(), []
    collection.put([row_of("aaaa2222", 80, 1)])
    collection.on_change = reported.append
    collection.put([row_of("aaaa2222", 99, 1), row_of("bbbb2222", 80, 2)])
    assert reported == [None]


@pytest.fixture
def words():
    """A collection of loops whose titles and tempos overlap."""
    collection = ClipCollection()
    made = [
        row_of_name(Path(f"{title}_{bpm}bpm_{key}_4bars_{'abcdefghijkl'[number] * 8}.wav"), number)
        for number, (title, bpm, key) in enumerate(
            itertools.product(
                ("warm-bass", "wide-warm-pad", "dark-drums-90"), (80, 90), ("Dm", "C")
            )
        )
    ]
    collection.put([row for row in made if row is not None])
    return collection


def test_typing_on_finds_what_a_new_search_finds(words):
    everything = words.shown
    assert len(everything) == 12
    for text in ("w", "wa", "warm", "warm 9", "warm 90", "bass", "warm bass", "d", "d minor", ""):
        words.search(text)
        fresh = [row for row in everything if Query.parse(text).matches(row)]
        assert words.shown == fresh, text


def test_a_renamed_clip_is_found_by_its_new_title(words):
    words.search("bass")
    first = words.shown[0]
    words.mark(first.id, Mark(title="Zebra"))
    assert first.id not in shown(words)
    words.search("zeb")
    assert shown(words) == [first.id]
