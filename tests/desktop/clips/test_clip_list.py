"""The clips as rows and as tiles: one view, one selection."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ClipCollection
from desktop.clips.delegate import ROW_HEIGHT, RowDelegate, TileDelegate, change_in
from desktop.clips.items import ClipItems, Entry, Kind
from desktop.clips.rows import ClipRow, row_with_recipe
from desktop.theme.colours import DARK
from engine.loops.precedence import SessionTime
from tests.fakes.clips import grid_of, recipe_of

FORMS = ("list", "grid")


def row_of(number: int, *, badges=(), total=None, commercial=True) -> ClipRow:
    recipe = recipe_of(grid_of(), title=f"Clip {number}")
    recipe = msgspec.structs.replace(
        recipe, badges=badges, scores=msgspec.structs.replace(recipe.scores, total=total),
        model=msgspec.structs.replace(recipe.model, commercial_use=commercial),
    )  # fmt: skip
    clip_id = f"{number:08}"
    path = Path(f"/project/clip_128bpm_4bars_{clip_id}.wav")
    row = ClipRow(id=clip_id, file=str(path), written_ns=-number, title="", bars=4)
    return row_with_recipe(row, recipe)


@pytest.fixture
def painted():
    """The ids of the clips that were painted."""
    return []


@pytest.fixture
def view(qtbot, painted):
    collection = ClipCollection()
    items = ClipItems(collection)
    drawn = (DARK, lambda row: painted.append(row.id), lambda: None, SessionTime)
    view = ClipList(items, {"list": RowDelegate(*drawn), "grid": TileDelegate(*drawn)})
    view.collection = collection
    qtbot.addWidget(view)
    collection.put([row_of(number) for number in range(9)])
    view.resize(700, 500)
    with qtbot.waitExposed(view):
        view.show()
    return view


def chosen(view) -> int:
    return view.currentIndex().row()


def test_the_selection_survives_a_change_of_view(view):
    view.choose("00000004")
    view.show_as("grid")
    assert view.chosen_row().id == "00000004"
    view.show_as("list")
    assert view.chosen_row().id == "00000004"


def test_what_is_shown_is_alone_selected_while_ctrl_is_held(view, qtbot):
    view.choose("00000004")
    qtbot.keyPress(view, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    view.choose("00000006")
    qtbot.keyRelease(view, Qt.Key.Key_Control)
    assert [row.id for row in view.chosen_rows()] == ["00000006"]


def test_the_selection_survives_added_and_removed_clips(qtbot, view):
    view.choose("00000002")
    for place in (3, 4, 6):
        view.selectionModel().select(
            view.model().index(place), QItemSelectionModel.SelectionFlag.Select
        )
    view.collection.remove(["00000003"])
    view.collection.put([row_of(20)])
    qtbot.waitUntil(lambda: view.currentIndex().isValid())
    assert view.chosen_row().id == "00000002"
    assert {row.id for row in view.chosen_rows()} == {"00000002", "00000004", "00000006"}


def test_only_what_comes_into_view_or_changes_in_it_is_painted(qtbot, view, painted):
    view.collection.put([row_of(number) for number in range(200)])
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100 * ROW_HEIGHT)
    for step in range(1, 4):
        QApplication.processEvents()
        painted.clear()
        bar.setValue(step * ROW_HEIGHT)
        qtbot.waitUntil(lambda: bool(painted))
    assert len(set(painted)) <= 3
    painted.clear()
    view.collection.put([row_of(number, total=0.5) for number in range(100, 150)])
    QApplication.processEvents()
    assert painted == []
    view.collection.put([row_of(number, total=0.5) for number in (3, 4)])
    QApplication.processEvents()
    assert set(painted) == {"00000003", "00000004"}


def test_an_unknown_view_changes_nothing(view):
    view.show_as("cloud")
    assert view.form == "list"


def test_arrows_move_through_rows_and_tiles(qtbot, view):
    view.choose("00000000")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert chosen(view) == 1
    view.show_as("grid")
    qtbot.waitUntil(lambda: view.visualRect(view.model().index(1)).y() == 0)
    columns = sum(view.visualRect(view.model().index(at)).y() == 0 for at in range(9))
    assert columns == 3
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert chosen(view) == 2
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert chosen(view) == 2 + columns
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert chosen(view) == 1 + columns


@pytest.mark.parametrize("form", FORMS)
def test_tiles_and_rows_fill_the_view_at_any_width(qtbot, view, form):
    view.show_as(form)
    for width in (340, 500, 900, 1_600):
        view.resize(width, 500)
        qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() == 0)
        right = max(view.visualRect(view.model().index(at)).right() for at in range(9))
        assert width - 30 <= right + view.viewport().x() < width


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", (220, 340, 439, 900))
def test_parts_stay_inside_and_click_targets_do_not_overlap(view, form, width):
    view.show_as(form)
    rect = QRect(3, 5, width, view.delegate.size_in(width).height())
    places = view.delegate.places(rect)
    assert all(rect.contains(place) for place in places.values())
    assert not places["play"].intersects(places["star"])


@pytest.mark.parametrize("form", FORMS)
def test_play_sign_and_star_are_clickable_where_they_are_drawn(qtbot, view, form):
    view.show_as(form)
    qtbot.waitUntil(lambda: view.visualRect(view.model().index(0)).width() > 0)
    rect = view.visualRect(view.model().index(0))
    left = Qt.MouseButton.LeftButton
    for part, signal in (("star", view.star_clicked), ("play", view.play_clicked)):
        place = view.delegate.places(rect)[part].center()
        with qtbot.waitSignal(signal) as reported:
            qtbot.mouseClick(view.viewport(), left, pos=place)
        assert reported.args[0].id == "00000000"


@pytest.mark.parametrize("form", FORMS)
def test_badges_are_drawn(qtbot, view, form):
    view.show_as(form)
    before = pixels_of(qtbot, view, DARK.caution)
    badges = ("requested 120, detected 60: half-time",)
    view.collection.put([row_of(number, badges=badges, commercial=False) for number in range(9)])
    assert pixels_of(qtbot, view, DARK.caution) > before


def test_an_open_group_leaves_it_to_the_clip_to_show_that_it_plays():
    row = row_of(1)
    delegate = RowDelegate(DARK, lambda _row: None, lambda: (row.id, 0.5), SessionTime)

    def has_accent(*, is_open):
        image = QImage(700, ROW_HEIGHT, QImage.Format.Format_RGB32)
        image.fill(QColor(DARK.ground))
        with QPainter(image) as painter:
            entry = Entry(row, Kind.GROUP, "Clip", "2 takes", is_open=is_open)
            delegate.paint_clip(painter, image.rect(), entry)
        colours = (image.pixelColor(x, y).name() for x in range(60) for y in range(ROW_HEIGHT))
        return DARK.accent.lower() in colours

    assert has_accent(is_open=False)
    assert not has_accent(is_open=True)


def test_tiles_are_in_line_with_what_is_above_and_name_their_loop(view):
    view.show_as("grid")
    tile = view.visualRect(view.model().index(0)).adjusted(3, 0, 0, 0)  # its edge is inside
    left = view.viewport().mapTo(view, tile.topLeft()).x()
    assert abs(left - 16) <= 1
    said = []
    delegate = view.delegate
    delegate.paint_text = lambda _painter, _line, text, *_how: said.append(text) or 0
    image = QImage(300, 136, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        entry = Entry(row_of(1), Kind.MEMBER, "Take 2", "from take 1")
        delegate.paint_clip(painter, QRect(0, 0, 300, 136), entry)
    assert said[:2] == ["Clip 1", "Take 2 · from take 1"]


@pytest.mark.parametrize(("width", "said"), [(660, True), (1_000, False)])
def test_half_time_is_said_beside_the_name_where_there_is_no_column_for_it(width, said):
    time = SessionTime(bpm=256.0, meter="4/4")  # twice that of the clip
    delegate = RowDelegate(DARK, lambda _row: None, lambda: None, lambda: time)
    badges = []
    delegate.paint_badge = lambda _painter, _box, text, _colour: badges.append(text)
    image = QImage(width, ROW_HEIGHT, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        for kind in (Kind.ALONE, Kind.MEMBER):
            delegate.paint_clip(painter, image.rect(), Entry(row_of(1), kind, "Take 1"))
    assert badges == (["Half-time"] * 2 if said else [])


def pixels_of(qtbot, view, colour) -> int:
    """Return how many pixels of the first clips have a colour."""
    qtbot.waitUntil(lambda: view.visualRect(view.model().index(0)).width() > 0)
    image = view.viewport().grab().toImage()
    found = [image.pixelColor(x, y).name() for x in range(image.width()) for y in range(140)]
    return found.count(colour)


@pytest.mark.parametrize(
    ("badges", "shown"),
    [
        ((), ""),
        (("requested 120, detected 60: half-time",), "detected 60: half-time"),
        (("asked 120, heard 60: half-time",), "heard 60: half-time"),  # as 0.1.0 wrote it
        (("seam audible", "quiet"), "seam audible +1"),
        (("short: 2 of 4 bars, repeated",), "short: 2 of 4 bars, repeated"),
    ],
)
def test_a_badge_names_the_defect_briefly(badges, shown):
    row = row_of(1, badges=badges)
    assert row.badge == shown
    assert all(badge in row.spoken for badge in badges)


def test_a_click_beside_the_clips_leaves_the_chosen_one_chosen(qtbot, view):
    view.choose("00000004")
    below = QPoint(100, view.viewport().height() - 4)
    assert not view.indexAt(below).isValid()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=below)
    assert [row.id for row in view.chosen_rows()] == ["00000004"]


def test_the_line_of_a_group_stands_for_all_of_its_clips(view):
    takes = [row_of(number) for number in (20, 21, 22)]
    view.collection.put(
        msgspec.structs.replace(
            row, recipe=msgspec.structs.replace(row.recipe, clip_id=row.id, request_id="one")
        )
        for row in takes
    )
    view.selectAll()
    assert len(view.chosen_rows()) == 10
    assert len(view.chosen_with_groups()) == 12


@pytest.mark.parametrize(("room", "shown"), [(11, "120 → 168.8"), (9, "120→168.8"), (8, "→ 168.8")])
def test_a_change_of_tempo_is_never_cut_in_its_first_number(room, shown):
    assert "".join(change_in(room, "120", "168.8", len)) == shown
