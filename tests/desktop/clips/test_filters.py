"""Views, collections and filters of the list."""

import msgspec
import pytest

from desktop.clips.collection import ClipCollection
from desktop.clips.filters import ONE_SHOT, Filters, Span, View, counts_of, spans
from desktop.clips.rows import ClipRow, Mark, row_with_recipe
from engine.loops.precedence import SessionTime
from engine.loops.tempo import LoopGrid
from tests.fakes.clips import grid_of, recipe_of

TIME = SessionTime(bpm=84.0, meter="4/4", key="D minor", bars=4)


def row(name, grid=None, key=None, role=None, mark=None):
    found = ClipRow(id=name, file=f"{name}.wav", written_ns=1, title=name, mark=mark or Mark())
    if grid is None:
        return found
    recipe = msgspec.structs.replace(recipe_of(grid, key=key, title=name), role=role)
    return row_with_recipe(found, recipe)


ROWS = (
    row("drums", grid_of(bpm=84.0), role="drums", mark=Mark(starred=True, tags=("dusty",))),
    row("bass", grid_of(bpm=84.0, bars=2), "F major", "bass", Mark(collections=("verse",))),
    row("lead", grid_of("7/8", bpm=120.0), "E minor", "lead", Mark(tags=("dusty", "night"))),
    row("shot", LoopGrid(bpm=100.0, bars=0, seconds=1.0), "D minor", "lead"),
    row("found"),
)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["drums", "bass", "lead", "shot", "found"]),
        ({"view": View.STARRED}, ["drums"]),
        ({"view": View.FITS}, ["drums", "bass", "shot", "found"]),
        ({"view": View.IMPORTS}, ["found"]),
        ({"view": View.RECORDINGS}, []),
        ({"collection": "verse"}, ["bass"]),
        ({"in_key": True}, ["drums", "bass", "shot", "found"]),
        ({"roles": frozenset({"lead", "import"})}, ["lead", "shot", "found"]),
        ({"tempo": Span(100.0, 120.0)}, ["shot"]),
        ({"tempo": spans(TIME)[0]}, ["drums", "bass"]),
        ({"meters": frozenset({"7/8"})}, ["lead"]),
        ({"lengths": frozenset({2, ONE_SHOT})}, ["bass", "shot", "found"]),
        ({"tags": frozenset({"dusty", "night"})}, ["lead"]),
        ({"in_key": True, "roles": frozenset({"lead"})}, ["shot"]),
    ],
)
def test_all_filters_must_hold(fields, names):
    filters = Filters(time=TIME, **fields)
    assert [each.id for each in ROWS if filters.matches(each)] == names


def test_the_collection_asks_filters_and_query_and_follows_marks():
    collection = ClipCollection()
    collection.put(ROWS)
    collection.filter(Filters(time=TIME, starred=True))
    collection.search("dusty")
    assert [each.id for each in collection.shown] == ["drums"]
    collection.mark("lead", Mark(starred=True, tags=("dusty",)))
    assert {each.id for each in collection.shown} == {"drums", "lead"}
    collection.filter(collection.filters.without_filters())
    collection.search("")
    assert len(collection) == len(ROWS)


def test_what_is_on_is_said_in_words():
    filters = Filters(
        time=TIME, starred=True, in_key=True, roles=frozenset({"lead", "bass"}),
        tempo=Span(0.0, 80.0), lengths=frozenset({1, ONE_SHOT}), tags=frozenset({"night"}),
    )  # fmt: skip
    assert filters.names == [
        "starred", "in key", "bass or lead", "below 80", "one-shots or 1 bar", "night",
    ]  # fmt: skip
    assert [span.text for span in spans(TIME)] == [
        "Session, 84", "Below 80", "80 to under 100", "100 to under 120", "120 to under 140",
        "140 and more",
    ]  # fmt: skip


def test_clips_are_counted_by_what_they_are():
    counts = counts_of(ROWS, TIME)
    assert counts.views == {
        View.ALL: 5, View.STARRED: 1, View.FITS: 4, View.RECORDINGS: 0, View.IMPORTS: 1,
    }  # fmt: skip
    assert counts.roles == {"drums": 1, "bass": 1, "lead": 2, "import": 1}
    assert (counts.tags, counts.collections) == ({"dusty": 2, "night": 1}, {"verse": 1})
    assert [counts.in_span(span) for span in spans(TIME)] == [2, 0, 2, 1, 1, 0]
    assert (counts.meters, counts.lengths) == ({"4/4": 2, "7/8": 1}, {4: 2, 2: 1, ONE_SHOT: 2})
