"""What the list shows after any change, beside the plain rules asked of each clip."""

import sys
from itertools import product
from pathlib import Path
from random import Random

import msgspec
import pytest
from PySide6.QtWidgets import QListView

from desktop.clips.collection import ORDERS, ClipCollection
from desktop.clips.filters import Filters, View
from desktop.clips.fit import Fit, fit_of, fits_key
from desktop.clips.items import ENTRY_ROLE, ClipItems, Kind
from desktop.clips.lineage import Group, group_id
from desktop.clips.rows import Mark, row_of_name, row_with_recipe
from engine.loops.precedence import SessionTime
from tests.fakes.clips import grid_of, recipe_of

TIME = SessionTime(bpm=84.0, meter="4/4", key="D minor", bars=4)
IDS = [letter * 8 for letter in "abcdefghijklmnopqrstuvwxyz"]
NAMES = ("warm-bass_84bpm_Dm_4bars", "ÄRGER_120bpm_C_2bars", "boom_2.5s", "808-kick_84bpm_1bars")
MARKS = (
    Mark(),
    Mark(starred=True, tags=("B-side",)),
    Mark(title="Straße 7", collections=("verse",)),
)
QUERIES = {
    "": lambda _row: True,
    "B": lambda row: "b" in text_of(row),
    "ss ar": lambda row: "ss" in text_of(row) and "ar" in text_of(row),
    "warm Dm": lambda row: "warm" in text_of(row) and row.shown_key == "Dm",
    "strasse": lambda row: "strasse" in text_of(row),
    "straße starred": lambda row: "straße" in text_of(row) and row.mark.starred,
    "D minor": lambda row: row.shown_key == "Dm",
    "7/8": lambda row: row.recipe is not None and str(row.recipe.grid.meter) == "7/8",
    "4 bars 80-90": lambda row: row.bars == 4 and row.bpm is not None and 80 <= row.bpm <= 90,
}
FILTERS = {
    Filters(time=TIME): lambda _row: True,
    Filters(time=TIME, view=View.FITS): lambda row: fit_of(row, TIME) in (Fit.FITS, Fit.NONE),
    Filters(time=TIME, in_key=True): lambda row: fits_key(row, TIME),
    Filters(time=TIME, roles=frozenset({"drums", "import"})): lambda row: (
        row.shown_role in ("drums", "import")
    ),
    Filters(time=TIME, tags=frozenset({"B-side"})): lambda row: "B-side" in row.mark.tags,
}


def text_of(row):
    parts = (row.shown_title, row.model, row.role or "", row.key, *row.mark.tags)
    return "\n".join(parts).lower()


def odd_row(random):
    """A clip of any kind: imported, a copy, a take, or a version of a clip that may be missing."""
    clip_id = random.choice(IDS)
    row = row_of_name(Path(f"/p/{random.choice(NAMES)}_{clip_id}.wav"), random.randrange(5))
    kind = random.choice(("import", "copy", "take", "vary", "edit"))
    if kind == "import":
        return row
    recipe = recipe_of(
        grid_of(random.choice(("4/4", "7/8")), bpm=random.choice((84.0, 100.0))),
        key=random.choice((None, "D minor", "E minor")), title=random.choice(("Warm", "cold")),
    )  # fmt: skip
    source = random.choice(IDS) if kind == "vary" else None
    request = msgspec.structs.replace(
        recipe.request, source=source, mode="vary" if kind == "vary" else None
    )
    return row_with_recipe(row, msgspec.structs.replace(
        recipe, request=request, role=random.choice((None, "drums", "bass")),
        clip_id=IDS[0] if kind == "copy" else clip_id, rank=random.randrange(3),
        request_id=f"job-{random.randrange(4)}" if kind == "take" else f"version-{clip_id}",
        edited_from=random.choice(IDS) if kind == "edit" else None,
    ))  # fmt: skip


def change(random, collection, items):
    kind = random.choice(("put", "put", "put", "mark", "remove", "open", "order"))
    some = random.sample(IDS, 3)
    if kind == "put":
        collection.put({row.id: row for row in (odd_row(random) for _ in range(3))}.values())
    elif kind == "mark":
        collection.mark(some[0], random.choice(MARKS))
    elif kind == "remove":
        collection.remove(some)
    elif kind == "open":
        items.set_open(some[0], opened=random.random() < 0.7)
    else:
        collection.order_by(random.choice(list(ORDERS)))


def lines_of(shown, find):
    """Return the clip and the kind of each line, grouped anew; open groups are not known here."""
    groups = {}
    for row in shown:
        groups.setdefault(group_id(row, find), []).append(row)
    return [
        (Group.of(group, rows).best.id, Kind.ALONE if len(rows) == 1 else Kind.GROUP)
        for group, rows in groups.items()
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_list_is_what_the_plain_rules_say(seed, qtmodeltester):
    random = Random(seed)
    collection = ClipCollection()
    items = ClipItems(collection)
    for _ in range(250):
        change(random, collection, items)
        (text, holds), (filters, passes) = (
            random.choice(list(rules.items())) for rules in (QUERIES, FILTERS)
        )
        collection.search(text)
        collection.filter(filters)
        known = [row for each in IDS if (row := collection.row(each)) is not None]
        expected = [row.id for row in known if holds(row) and passes(row)]
        shown = collection.shown
        assert sorted(row.id for row in shown) == sorted(expected)
        assert [collection.place(row.id) for row in shown] == list(range(len(shown)))
        entries = [items.index(at).data(ENTRY_ROLE) for at in range(items.rowCount())]
        heads = [(e.row.id, e.kind) for e in entries if e.kind in (Kind.ALONE, Kind.GROUP)]
        assert heads == lines_of(shown, collection.row)
        assert all(items.index_of(each).isValid() == (each in expected) for each in IDS)
    qtmodeltester.check(items)


def calls_in(function):
    """Return how many functions written in Python are called while one runs."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture
def large(qtbot):
    """A collection of 625 takes of 209 jobs, in a list."""
    collection = ClipCollection()
    rows = []
    for number, letters in enumerate(product("abcde", repeat=4)):
        row = row_of_name(Path(f"loop_84bpm_4bars_{''.join(letters)}2345.wav"), number)
        title, key = ("cold", "warm", "warm")[number % 3], ("D minor", "C major")[number % 2]
        recipe = recipe_of(grid_of(), key=key, title=title)
        rows.append(row_with_recipe(row, msgspec.structs.replace(
            recipe, clip_id=row.id, request_id=f"job-{number // 3}"
        )))  # fmt: skip
    collection.put(rows)
    view = QListView()
    view.setUniformItemSizes(True)
    view.setModel(ClipItems(collection, view))
    qtbot.addWidget(view)
    collection.view = view
    return collection


def test_a_search_asks_each_clip_one_thing_and_clearing_it_asks_none(large):
    for text, most in (("warm", 700), ("", 50), ("c major", 1500), ("", 50)):
        assert calls_in(lambda text=text: large.search(text)) < most


def test_a_view_that_lays_clips_out_asks_nothing_of_each(large):
    large.search("none")
    large.search("")
    assert large.view.model().rowCount() == 209
    assert calls_in(large.view.doItemsLayout) < 200
