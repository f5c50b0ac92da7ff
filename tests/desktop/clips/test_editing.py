"""Titles typed in the list, tags, and A and B of a group."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from desktop.clips.rows import Mark
from desktop.widgets.buttons import SignButton
from tests.desktop.window import put_clip, wait, without_engine
from tests.fakes.clips import clip_of, grid_of, recipe_of

IDS = ("abcd2345", "bcde2345", "cdef2345")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def desktop(open_desktop, qtbot):
    """A window with three takes of one request; the first is chosen."""
    desktop = open_desktop(make_engine=without_engine)
    grid = grid_of()
    for take, clip_id in enumerate(IDS):
        recipe = msgspec.structs.replace(
            recipe_of(grid), clip_id=clip_id, take=take, rank=take + 1, asked_takes=3
        )
        path = desktop.project / f"warm-bass_128bpm_4bars_{clip_id}.wav"
        path.write_bytes(clip_of(grid, recipe=recipe))
    desktop.folder.refresh()
    wait(qtbot, lambda: len([row for row in desktop.collection.shown if row.recipe]) == 3)
    desktop.window.activateWindow()
    desktop.window.clips.setFocus()
    desktop.window.clips.choose(IDS[0])
    return desktop


def trigger(desktop, action_id):
    desktop.window.findChild(QAction, action_id).trigger()


def editor(desktop):
    return desktop.window.clips.delegate.editor


def begin(qtbot, desktop):
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_F2)
    wait(qtbot, lambda: editor(desktop) is not None and editor(desktop).hasFocus())
    return editor(desktop)


def title(desktop, clip_id=IDS[0]):
    return desktop.collection.row(clip_id).shown_title


def test_a_title_is_typed_in_the_list_and_can_be_undone(qtbot, desktop):
    field = begin(qtbot, desktop)
    assert field.selectedText() == "Warm bass"
    qtbot.keyClicks(field, "Dub bm ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    wait(qtbot, lambda: title(desktop) == "Dub bm")
    assert desktop.window.clips.hasFocus()
    trigger(desktop, "undo")
    assert title(desktop) == "Warm bass"
    trigger(desktop, "redo_step")
    assert title(desktop) == "Dub bm"


def test_a_new_title_is_shown_where_a_and_b_are_compared(qtbot, desktop):
    qtbot.keyClicks(begin(qtbot, desktop), "Hook idea\r")
    pair = desktop.window.detail.pair
    wait(qtbot, lambda: pair.buttons[0].text() == "A  Hook idea")


def test_esc_keeps_the_title(qtbot, desktop):
    field = begin(qtbot, desktop)
    qtbot.keyClicks(field, "Dub")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    wait(qtbot, desktop.window.clips.hasFocus)
    assert title(desktop) == "Warm bass"


def test_what_is_typed_outlives_new_clips_and_facts(qtbot, desktop):
    field = begin(qtbot, desktop)
    qtbot.keyClicks(field, "Dub")
    desktop.collection.mark(IDS[0], msgspec.structs.replace(
        desktop.collection.row(IDS[0]).mark, starred=True
    ))  # fmt: skip
    put_clip(desktop, "defg2345", "drums")
    wait(qtbot, lambda: desktop.collection.total == 4)
    desktop.collection.order_by("Title")
    desktop.collection.order_by("Newest first")
    wait(qtbot, lambda: editor(desktop) is not field and editor(desktop).hasFocus())
    assert editor(desktop).text() == "Dub"
    qtbot.keyClick(editor(desktop), Qt.Key.Key_Return)
    wait(qtbot, lambda: title(desktop) == "Dub")


def test_tags_are_typed_or_chosen_in_a_panel(qtbot, desktop):
    sheet = desktop.clips.naming.sheets["tags"]
    trigger(desktop, "edit_tags")
    assert sheet.heading.text() == "Tags of Warm bass, take 1"
    qtbot.keyClicks(sheet.field, "night, dusty,night")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert not sheet.isVisible()
    assert desktop.collection.row(IDS[0]).mark.tags == ("night", "dusty")
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text() == "Tags of Warm bass, take 1: night, dusty."
    desktop.window.clips.choose(IDS[1])
    trigger(desktop, "edit_tags")
    offered = [button for button in sheet.offered.findChildren(SignButton) if button.isVisible()]
    assert [button.text() for button in offered] == ["night", "dusty"]
    qtbot.mouseClick(offered[1], LEFT)
    qtbot.mouseClick(sheet.save, LEFT)
    assert desktop.collection.row(IDS[1]).mark.tags == ("dusty",)
    trigger(desktop, "undo")
    assert desktop.collection.row(IDS[1]).mark.tags == ()


def test_clips_are_put_into_a_collection_together_and_keep_their_own(qtbot, desktop):
    desktop.collection.mark(IDS[1], Mark(collections=("mine",)))
    desktop.window.clips.selectAll()
    trigger(desktop, "collect")
    sheet = desktop.clips.naming.sheets["collections"]
    assert (sheet.heading.text(), sheet.field.text()) == ("Collections of 3 loops", "")
    qtbot.keyClicks(sheet.field, "late tape, verse")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    marks = [desktop.collection.row(clip_id).mark.collections for clip_id in IDS]
    assert marks == [("late tape", "verse"), ("mine", "late tape", "verse"), ("late tape", "verse")]
    trigger(desktop, "undo")
    assert desktop.collection.row(IDS[1]).mark.collections == ("mine",)


def test_a_and_b_are_shown_and_change_takes_without_losing_the_beat(qtbot, desktop, player):
    window = desktop.window
    pair = window.detail.pair
    assert [button.text() for button in pair.buttons.values()] == ["A  Take 1", "B  Take 2"]
    qtbot.keyClick(window.clips, Qt.Key.Key_Space)
    wait(qtbot, lambda: player.playing == desktop.collection.row(IDS[0]).path)
    qtbot.mouseClick(pair.buttons[1], LEFT)
    wait(qtbot, lambda: player.playing == desktop.collection.row(IDS[1]).path)
    assert pair.key == 1
    window.clips.choose(IDS[2])
    assert [button.text() for button in pair.buttons.values()] == ["A  Take 2", "B  Take 3"]
    qtbot.keyClick(window.clips, Qt.Key.Key_B)
    assert window.clips.chosen_row().id == IDS[1]
    qtbot.keyClick(window.clips, Qt.Key.Key_B)
    assert window.clips.chosen_row().id == IDS[2]
