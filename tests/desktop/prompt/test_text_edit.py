import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.prompt.suggestions import Suggester
from desktop.prompt.text_edit import PromptBox
from desktop.theme.colours import DARK
from desktop.theme.stylesheet import apply_theme
from engine.client.prompt_words import prompt_words, roles

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def box(qtbot):
    box = PromptBox(lambda: Suggester(prompt_words(), roles()))
    box.edit.history = ["warm Rhodes chords, 90 bpm, D minor, and a long tail that is cut"]
    qtbot.addWidget(box)
    box.resize(270, 100)
    box.show()
    box.activateWindow()
    box.edit.setFocus()
    qtbot.waitUntil(box.edit.hasFocus)
    return box


def shown(box):
    return [button.text() for button in box.row.buttons if button.isVisible()]


def test_matching_words_appear_below_and_a_click_inserts_one(qtbot, box):
    qtbot.keyClicks(box.edit, "dusty rho")
    assert shown(box) == ["rhodes"]
    qtbot.mouseClick(box.row.buttons[0], LEFT)
    assert box.edit.toPlainText() == "dusty rhodes"
    assert box.edit.hasFocus()
    qtbot.keyClicks(box.edit, ", slow")
    assert box.edit.toPlainText() == "dusty rhodes, slow"


def test_ctrl_space_accepts_the_first_and_ctrl_z_undoes_it(qtbot, box):
    qtbot.keyClicks(box.edit, "choi")
    qtbot.keyClick(box.edit, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert box.edit.toPlainText() == "choir"
    qtbot.keyClick(box.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert box.edit.toPlainText() == "choi"


def test_tab_reaches_them_and_space_accepts(qtbot, box):
    qtbot.keyClicks(box.edit, "choi")
    qtbot.keyClick(box.edit, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is box.row.buttons[0]
    assert shown(box)
    qtbot.keyClick(box.row.buttons[0], Qt.Key.Key_Space)
    assert box.edit.toPlainText() == "choir"


def test_a_long_earlier_prompt_is_shortened_only_on_its_button(qtbot, box):
    qtbot.keyClicks(box.edit, "warm R")
    assert shown(box)[0].endswith("…")
    assert box.row.buttons[0].toolTip().replace("\n", " ") == box.edit.history[0]
    qtbot.mouseClick(box.row.buttons[0], LEFT)
    assert box.edit.toPlainText() == box.edit.history[0]


def test_only_as_many_are_shown_as_fit(qtbot, box):
    qtbot.keyClicks(box.edit, "synth")
    few = len(shown(box))
    box.resize(800, 100)
    qtbot.waitUntil(lambda: len(shown(box)) > few)
    assert len(shown(box)) == 5


def test_they_disappear_without_focus_or_with_the_caret_elsewhere(qtbot, box):
    qtbot.keyClicks(box.edit, "choi")
    qtbot.keyClick(box.edit, Qt.Key.Key_Left)
    assert shown(box) == []
    qtbot.keyClick(box.edit, Qt.Key.Key_Right)
    assert shown(box) != []
    box.edit.clearFocus()
    assert shown(box) == []


def test_enter_is_signalled_and_shift_enter_starts_a_new_line(qtbot, box):
    qtbot.keyClicks(box.edit, "pad")
    with qtbot.waitSignal(box.edit.entered):
        qtbot.keyClick(box.edit, Qt.Key.Key_Return)
    qtbot.keyClick(box.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert box.edit.toPlainText() == "pad\n"


def test_of_a_long_prompt_no_line_is_cut(qtbot, qapp):
    apply_theme(qapp, DARK)
    box = PromptBox(lambda: Suggester(prompt_words(), roles()))
    qtbot.addWidget(box)
    box.resize(264, 144)
    box.show()
    box.edit.put(" ".join(["groggy puppy jazz"] * 20))
    box.edit.moveCursor(QTextCursor.MoveOperation.End)
    QApplication.processEvents()
    caret = box.edit.cursorRect()
    assert caret.bottom() < box.edit.viewport().height()
    first = caret.top() % caret.height()  # where the first line in view begins
    image = box.edit.grab().toImage()
    top = box.edit.viewport().y()
    over = {image.pixelColor(x, top + y).name() for x in range(12, 230) for y in range(first)}
    assert len(over) <= 1
