import msgspec
import pytest
from PySide6.QtCore import Qt

from desktop.clips.collection import ClipCollection
from desktop.clips.items import ENTRY_ROLE, ClipItems, Kind
from desktop.clips.lineage import from_text, group_id, how_made, name_alone, name_in_group
from desktop.clips.rows import Mark, row_of_name, row_with_recipe
from engine.loops.recording import LAYERS
from engine.loops.request import LoopRequest
from tests.fakes.clips import grid_of, recipe_of

IDS = [letter * 8 for letter in "abcdefg"]


def row(number, *, job="job-1", take=0, rank=1, **request):
    """A clip whose recipe says how it was made; later numbers were written later."""
    recipe = msgspec.structs.replace(
        recipe_of(grid_of(), title="warm Rhodes chords"), clip_id=IDS[number], request_id=job,
        take=take, rank=rank, request=LoopRequest(prompt="warm Rhodes", **request),
    )  # fmt: skip
    found = row_of_name(_path(number), number)
    return row_with_recipe(found, recipe)


def _path(number):
    from pathlib import Path

    return Path(f"/p/warm-rhodes-chords_84bpm_4bars_{IDS[number]}.wav")


def with_takes(row, asked=2):
    recipe = msgspec.structs.replace(row.recipe, asked_takes=asked)
    return msgspec.structs.replace(row, recipe=recipe)


def with_role(row, role):
    recipe = msgspec.structs.replace(row.recipe, role=role)
    return msgspec.structs.replace(row, recipe=recipe)


TAKES = [row(0, take=0, rank=2), row(1, take=1, rank=1), row(2, take=2, rank=3)]
VARIED = row(3, job="job-2", source=IDS[1], mode="vary", amount=0.2)
CONTINUED = row(4, job="job-3", source=IDS[3], mode="continue")
OTHER = row(5, job="job-4")
PART = msgspec.structs.replace(
    row(6, job="job-5", source=IDS[0], mode="accompany"),
    recipe=msgspec.structs.replace(
        row(6, job="job-5", source=IDS[0], mode="accompany").recipe, role="bass"
    ),
)


@pytest.fixture
def items(qtmodeltester):
    collection = ClipCollection()
    items = ClipItems(collection)
    items.collection = collection
    collection.put([*TAKES, VARIED, CONTINUED, OTHER])
    yield items
    qtmodeltester.check(items)


def lines(items):
    entries = [items.index(at).data(ENTRY_ROLE) for at in range(items.rowCount())]
    return [(entry.kind, entry.title, entry.caption) for entry in entries]


def test_takes_and_what_was_made_of_them_stand_in_one_group(items):
    assert lines(items) == [
        (Kind.ALONE, "warm Rhodes chords", ""),
        (Kind.GROUP, "warm Rhodes chords", "3 takes, 2 versions"),
    ]


def test_the_stems_of_a_clip_go_where_it_goes(items):
    stems = [row(6, job="job-5", source=IDS[1], mode="stems")]
    items.collection.put(stems)
    assert items.collection.with_stems([TAKES[1], OTHER]) == [TAKES[1], OTHER, *stems]
    assert items.collection.with_stems([TAKES[1], *stems]) == [TAKES[1], *stems]
    assert items.collection.with_stems([TAKES[0]]) == [TAKES[0]]


def test_an_open_group_says_of_each_clip_how_it_came(items):
    items.set_open(IDS[0], opened=True)
    assert lines(items)[2:] == [
        (Kind.MEMBER, "Take 2", ""),
        (Kind.MEMBER, "Take 1", ""),
        (Kind.MEMBER, "Take 3", ""),
        (Kind.MEMBER, "Varied 20 %", "from take 2"),
        (Kind.LAST_MEMBER, "Continued", "from varied 20 %"),
    ]
    best = [items.index(at).data(ENTRY_ROLE).is_best for at in range(2, 7)]
    assert best == [True, False, False, False, False]


def test_versions_that_were_made_together_and_stems_are_told_apart(items):
    varied = [with_takes(row(3 + each, job="v", source=IDS[1], mode="vary", amount=0.2, take=each))
              for each in (0, 1)]  # fmt: skip
    stems = [with_role(row(5 + each, job="s", source=IDS[1], mode="stems", take=each), role)
             for each, role in enumerate(("drums", "bass"))]  # fmt: skip
    items.collection.put([*varied, *stems])
    items.set_open(IDS[1], opened=True)
    shown = [(title, caption) for kind, title, caption in lines(items) if "MEMBER" in kind.name]
    assert shown == [
        ("Take 2", ""),
        ("Drums stem", "from take 2"),
        ("Bass stem", "from take 2"),
        ("Take 1", ""),
        ("Take 3", ""),
        ("Varied 20 %, take 1", "from take 2"),
        ("Varied 20 %, take 2", "from take 2"),
    ]
    assert ("warm Rhodes chords", "3 takes, 2 versions, 2 stems") in [
        (title, caption) for _kind, title, caption in lines(items)
    ]
    assert [name_alone(each) for each in (TAKES[1], varied[1])] == [
        "warm Rhodes chords, take 2",
        "warm Rhodes chords, varied 20 %, take 2",
    ]


def test_versions_that_were_made_in_the_same_way_are_numbered(items):
    items.collection.put([row(6, job="again", source=IDS[3], mode="continue")])
    items.set_open(IDS[1], opened=True)
    titles = [title for _kind, title, _caption in lines(items) if title.startswith("Cont")]
    assert titles == ["Continued", "Continued (2)"]


def test_mixes_and_recordings_are_no_takes_of_each_other(items):
    mixes = []
    for number, bpm in ((5, 90.0), (6, 140.0)):
        made = row(number, job=LAYERS.id)
        recipe = msgspec.structs.replace(
            made.recipe, grid=grid_of(bpm=bpm),
            model=msgspec.structs.replace(made.recipe.model, id=LAYERS.id),
        )  # fmt: skip
        mixes.append(row_with_recipe(made, recipe))
    items.collection.put(mixes)
    kinds = [kind for kind, _title, _caption in lines(items)]
    assert kinds.count(Kind.ALONE) == 2
    assert sum(kind is Kind.GROUP for kind in kinds) == 1


def test_the_tooltip_of_a_group_says_what_the_line_says(items):
    assert items.index(1).data(Qt.ItemDataRole.ToolTipRole) == (
        "warm Rhodes chords\n3 takes, 2 versions"
    )


def test_a_group_stands_for_its_best_take(items):
    head = items.index(1)
    assert items.row(head).id == IDS[1]
    assert items.index_of(IDS[3]) == head
    items.set_open(IDS[3], opened=True)
    assert items.row(items.index_of(IDS[3])).id == IDS[3]
    assert "best take" in items.index_of(IDS[1]).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_dragged_group_with_its_best_take_is_one_file(items):
    items.set_open(IDS[0], opened=True)
    data = items.mimeData([items.index(1), items.index(2)])
    assert [url.fileName() for url in data.urls()] == [TAKES[1].path.name]


def test_a_new_version_joins_its_group_and_a_search_shows_what_matches(items):
    items.collection.put([row(6, job="job-5", source=IDS[0], mode="rekey", key="A minor")])
    assert lines(items)[0] == (Kind.GROUP, "warm Rhodes chords", "3 takes, 3 versions")
    items.collection.mark(IDS[3], Mark(title="the one"))
    items.collection.search("the one")
    assert lines(items) == [(Kind.ALONE, "the one", "Varied 20 %")]


def test_a_clip_whose_source_is_gone_is_a_group_of_its_own(items):
    items.collection.remove([IDS[0], IDS[1], IDS[2]])
    assert group_id(VARIED, items.collection.row) == "job-2"
    assert from_text(VARIED, items.collection.row) == f"from {IDS[1]}"
    assert (Kind.GROUP, "warm Rhodes chords", "2 versions") in lines(items)


def test_a_new_clip_at_the_top_is_inserted_and_nothing_else_moves(items, qtbot):
    items.set_open(IDS[0], opened=True)
    before = lines(items)
    with qtbot.waitSignal(items.rowsInserted), qtbot.assertNotEmitted(items.modelReset):
        items.collection.put([row(6, job="job-9")])
    assert lines(items) == [(Kind.ALONE, "warm Rhodes chords", ""), *before]
    assert items.row(items.index_of(IDS[3])).id == IDS[3]


def test_a_source_that_comes_after_what_was_made_from_it_joins_it(items):
    items.collection.put([row(6, job="job-9")])
    items.collection.remove([IDS[1]])
    items.collection.put([msgspec.structs.replace(TAKES[1], written_ns=99)])
    assert (Kind.GROUP, "warm Rhodes chords", "3 takes, 2 versions") in lines(items)


def test_sources_that_lead_in_a_circle_end(items):
    items.collection.put([row(0, source=IDS[1], mode="vary"), row(1, source=IDS[0], mode="vary")])
    assert items.rowCount() > 0


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (LoopRequest(mode="redo", redo_bars="3"), "Bar 3 redone"),
        (LoopRequest(mode="redo", redo_bars="2-2"), "Bar 2 redone"),
        (LoopRequest(mode="redo", redo_bars="2-4"), "Bars 2–4 redone"),
        (LoopRequest(mode="redo", redo_bars="1,3-4"), "Bars 1, 3–4 redone"),
        (LoopRequest(mode="retempo", bpm=93.5), "At 93.5 bpm"),
        (LoopRequest(mode="rekey", key="D minor"), "In Dm"),
        (LoopRequest(mode="blend", amount=0.5), "Blended 50 %"),
    ],
)
def test_how_a_clip_was_made_is_said_in_a_few_words(request_, text):
    assert how_made(request_) == text


def test_a_part_that_fits_is_named_by_its_role():
    assert name_in_group(PART) == "Bass part"
