"""The list of commands, the sheet of shortcuts, undo and redo, and the keys of the window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPlainTextEdit, QWidget

from desktop.clips.rows import Mark
from desktop.widgets.actions import ACTIONS
from tests.desktop.window import put_clip, wait, without_engine

CTRL = Qt.KeyboardModifier.ControlModifier
IDS = ("abcd2345", "bcde2345")


@pytest.fixture
def desktop(open_desktop, qtbot, tmp_path, monkeypatch):
    """A window with two clips, of which the first is chosen."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    desktop = open_desktop(make_engine=without_engine)
    for clip_id, title in zip(IDS, ("warm-bass", "cold-bass"), strict=True):
        put_clip(desktop, clip_id, title)
    wait(qtbot, lambda: len([row for row in desktop.collection.shown if row.recipe]) == 2)
    desktop.window.activateWindow()
    desktop.window.clips.setFocus()
    desktop.window.clips.choose(IDS[0])
    return desktop


def texts(palette):
    return [palette.list.item(at).text() for at in range(palette.list.count())]


def open_palette(qtbot, desktop):
    qtbot.keyClick(desktop.window, Qt.Key.Key_K, CTRL)
    assert desktop.commands.palette.isVisible()
    return desktop.commands.palette


def trigger(desktop, action_id):
    desktop.window.findChild(QAction, action_id).trigger()


def test_every_action_is_among_the_commands_and_the_shortcuts(qtbot, desktop):
    palette = open_palette(qtbot, desktop)
    shown = {texts(palette)[at] for at in range(palette.list.count())}
    named = {desktop.window.findChild(QAction, action.id).text() for action in ACTIONS}
    assert named <= shown
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_Question)
    sheet = desktop.commands.shortcuts
    assert sheet.isVisible()
    labels = {label.text() for label in sheet.findChildren(QLabel)}
    assert {action.title for action in ACTIONS} <= labels
    qtbot.keyClick(sheet.focusWidget(), Qt.Key.Key_Question)
    assert not sheet.isVisible()
    assert desktop.window.clips.hasFocus()


def test_a_command_is_found_by_the_beginnings_of_its_words_and_run(qtbot, desktop):
    palette = open_palette(qtbot, desktop)
    qtbot.keyClicks(palette.field, "da pa")
    assert texts(palette) == ["Show DAW page"]
    assert palette.field.accessibleDescription() == "Show DAW page"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert desktop.window.pages.page_id == "daw"
    palette = open_palette(qtbot, desktop)
    assert texts(palette)[:2] == ["Used last", "Show DAW page"]


def test_a_loop_is_found_by_its_title_and_shown(qtbot, desktop):
    desktop.window.search.setText("cold")
    palette = open_palette(qtbot, desktop)
    qtbot.keyClicks(palette.field, "warm ba")
    assert texts(palette) == ["Loops", "Warm bass", "Warm bass"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert desktop.window.search.text() == ""
    assert desktop.window.clips.chosen_row().shown_title == "Warm bass"


def test_words_that_find_nothing_can_be_asked_for(qtbot, desktop):
    desktop.window.resize(1_000, 700)
    desktop.window.sides.buttons["pads"].click()
    palette = open_palette(qtbot, desktop)
    qtbot.keyClicks(palette.field, "tabla")
    assert texts(palette)[1] == "Ask for “tabla”"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    prompt = desktop.window.prompt_panel.prompt
    assert prompt.toPlainText() == "tabla"
    assert prompt.isVisible()
    assert prompt.hasFocus()


def test_the_menu_of_a_loop_has_its_groups_and_keys(desktop):
    place = desktop.window.clips.visualRect(desktop.window.clips.currentIndex()).center()
    desktop.clips.open_menu(place)
    menu = next(m for m in desktop.window.findChildren(QMenu) if m.isVisible())
    entries = [entry.objectName() for entry in menu.actions() if entry.objectName()]
    assert entries == [action.id for action in ACTIONS if action.menu]
    enabled = {entry.objectName(): entry.isEnabled() for entry in menu.actions()}
    buttons = desktop.window.detail.verbs
    assert {verb: enabled[verb] for verb in buttons} == {
        verb: button.isEnabled() for verb, button in buttons.items()
    }
    assert not enabled["redo"], "no bars are selected"
    star = next(entry for entry in menu.actions() if entry.objectName() == "toggle_star")
    assert star.text() == "Star\tCtrl B"
    star.trigger()
    menu.close()
    assert desktop.window.clips.chosen_row().mark.starred


def test_star_and_tags_are_undone_and_done_again(desktop):
    trigger(desktop, "toggle_star")
    row = desktop.window.clips.chosen_row()
    assert row.mark.starred
    desktop.clips.undoing.undo()
    assert desktop.collection.row(row.id).mark == Mark()
    trigger(desktop, "redo_step")
    assert desktop.collection.row(row.id).mark.starred
    trigger(desktop, "redo_step")
    assert desktop.collection.row(row.id).mark.starred


@pytest.mark.parametrize(("key", "modifier"), [
    (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Backspace, CTRL),
])  # fmt: skip
def test_delete_and_ctrl_backspace_move_to_the_trash_which_redo_does_again(
    qtbot, desktop, key, modifier
):
    qtbot.keyClick(desktop.window.clips, key, modifier)
    wait(qtbot, lambda: desktop.collection.total == 1)
    for action, total in (("undo", 2), ("redo_step", 1), ("undo", 2)):
        trigger(desktop, action)
        wait(qtbot, lambda total=total: desktop.collection.total == total)


def test_space_plays_wherever_the_focus_is_but_in_text(qtbot, desktop):
    window = desktop.window
    played = []
    window.findChild(QAction, "play_or_stop").triggered.connect(lambda: played.append(True))
    tried = 0
    for widget in window.findChildren(QWidget):
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
        typed = isinstance(widget, QLineEdit | QPlainTextEdit)
        if not reached or not widget.isEnabled() or typed:
            continue
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_Space)
        tried += 1
        assert len(played) == tried, widget
    assert tried > 30
    window.search.setFocus()
    qtbot.keyClick(window.search, Qt.Key.Key_Space)
    assert (window.search.text(), len(played)) == (" ", tried)
