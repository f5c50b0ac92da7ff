import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel

from desktop.widgets.drag_source import DragSource

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def begun():
    return []


@pytest.fixture
def widget(qtbot, begun):
    widget = QLabel("a title that is dragged")
    widget.resize(200, 30)
    qtbot.addWidget(widget)
    DragSource(widget, lambda: begun.append(True))
    widget.show()
    return widget


def test_a_drag_begins_once_when_the_pointer_is_far_enough(qtbot, widget, begun):
    far = QPoint(10 + QApplication.startDragDistance(), 10)
    qtbot.mousePress(widget, LEFT, pos=QPoint(10, 10))
    qtbot.mouseMove(widget, QPoint(12, 10))
    assert begun == []
    qtbot.mouseMove(widget, far)
    qtbot.mouseMove(widget, far + QPoint(40, 0))
    qtbot.mouseRelease(widget, LEFT, pos=far)
    assert begun == [True]


def test_another_button_and_the_mouse_alone_drag_nothing(qtbot, widget, begun):
    qtbot.mousePress(widget, Qt.MouseButton.RightButton, pos=QPoint(10, 10))
    qtbot.mouseMove(widget, QPoint(90, 10))
    qtbot.mouseRelease(widget, Qt.MouseButton.RightButton, pos=QPoint(90, 10))
    qtbot.mousePress(widget, LEFT, pos=QPoint(10, 10))
    qtbot.mouseRelease(widget, LEFT, pos=QPoint(10, 10))
    qtbot.mouseMove(widget, QPoint(90, 20))
    assert begun == []
