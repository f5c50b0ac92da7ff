import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.widgets.question import ask
from tests.desktop.window import answer_questions


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(640, 480)
    window.field = QLineEdit(window)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    window.field.setFocus()
    return window


def test_the_keyboard_goes_back_to_where_it_was(window):
    answer_questions("Yes")
    assert ask(window, "Sure?", ("No", "Yes")) == "Yes"
    assert QApplication.focusWidget() is window.field


def test_one_question_after_another_where_nothing_had_the_keyboard(window):
    window.field.clearFocus()
    asked = answer_questions("No", "Yes")
    assert ask(window, "Sure?", ("No", "Yes")) == "No"
    assert QApplication.focusWidget() is None
    assert ask(window, "Really?", ("No", "Yes")) == "Yes"
    assert asked == ["Sure?", "Really?"]


def test_what_had_the_keyboard_is_gone_when_the_answer_comes(window):
    asked = answer_questions("Yes")
    window.field.deleteLater()  # is carried out while the question waits
    assert ask(window, "Sure?", ("No", "Yes")) == "Yes"
    assert asked == ["Sure?"]
