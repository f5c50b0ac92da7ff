import pytest
from PySide6.QtCore import Qt

from desktop.transport.fields import FIELDS
from desktop.widgets.value_edit import ValueEdit

FIELD = {field.name: field for field in FIELDS}


@pytest.fixture
def tempo(qtbot):
    edit = ValueEdit(FIELD["bpm"], 120.0)
    qtbot.addWidget(edit)
    edit.reported, edit.complaints = [], []
    edit.changed.connect(edit.reported.append)
    edit.refused.connect(edit.complaints.append)
    edit.show()
    return edit


def typed(qtbot, edit, text):
    qtbot.mouseDClick(edit, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_a_tempo_can_be_typed_after_a_double_click(qtbot, tempo):
    typed(qtbot, tempo, "93,5")
    assert (tempo.reported, tempo.text()) == ([93.5], "93.50")


def test_an_invalid_tempo_is_refused_and_the_old_one_stays(qtbot, tempo):
    typed(qtbot, tempo, "fast")
    assert (tempo.reported, tempo.value, tempo.text()) == ([], 120.0, "120.00")
    assert "must be a number from 20 to 400 BPM" in tempo.complaints[0]


def test_arrows_nudge_by_one_and_with_shift_by_a_tenth(qtbot, tempo):
    qtbot.keyClick(tempo, Qt.Key.Key_Up)
    qtbot.keyClick(tempo, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert tempo.reported == [121.0, 120.9]


def test_escape_while_typing_changes_nothing(qtbot, tempo):
    qtbot.mouseDClick(tempo, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(tempo, "77")
    qtbot.keyClick(tempo, Qt.Key.Key_Escape)
    assert (tempo.reported, tempo.text()) == ([], "120.00")


def test_typing_a_digit_starts_editing(qtbot, tempo):
    for key in (Qt.Key.Key_9, Qt.Key.Key_0, Qt.Key.Key_Return):
        qtbot.keyClick(tempo, key)
    assert tempo.reported == [90.0]


def test_dragging_up_increases_the_value(qtbot, tempo):
    centre = tempo.rect().center()
    qtbot.mousePress(tempo, Qt.MouseButton.LeftButton, pos=centre)
    point = centre - type(centre)(0, 30)
    qtbot.mouseMove(tempo, point)
    qtbot.mouseRelease(tempo, Qt.MouseButton.LeftButton, pos=point)
    assert tempo.reported[-1:] == [125.0]
