"""The sheet of all shortcuts (?), made from the table of actions."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.widgets.actions import GROUPS, Action
from desktop.widgets.basics import label
from desktop.widgets.key_names import key_name
from desktop.widgets.sheet import Sheet

_WIDTH_PX, _COLUMNS, _ROW_PX, _CAP_PX = 1_080, 4, 26, 20
_NARROW_PX, _NARROW_COLUMNS = 1_000, 3


class ShortcutSheet(Sheet):
    """Shows each action beside its keys, in as many columns as there is room for."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "Shortcuts", _WIDTH_PX)
        self._shown_columns = 0
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("Shortcuts")
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        head = QHBoxLayout()
        head.addWidget(label("Shortcuts", "heading"))
        head.addStretch(1)
        head.addWidget(label("Press ? to show or hide", "caption"))
        self.column.addLayout(head)
        self.column.addWidget(self.area, 1)

    def toggle(self) -> None:
        """Show the sheet, or close it."""
        if self.isVisible():
            self.dismiss()
        else:
            self.open_with(self.area)

    def place(self) -> None:
        """Cover the window, with as many columns as it has room for."""
        narrow = self._window.width() < _NARROW_PX
        count = _NARROW_COLUMNS if narrow else _COLUMNS
        if count != self._shown_columns:
            self._shown_columns = count
            inside = _table(count)
            self.area.setWidget(inside)
            inside.setAutoFillBackground(False)
            self.area.setMinimumHeight(
                min(inside.sizeHint().height() + 2, max(self._window.height() - 140, 120))
            )
        super().place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """`?` closes the sheet as it opened it."""
        if event.text() == "?" or event.key() == Qt.Key.Key_F1:
            self.dismiss()
        else:
            super().keyPressEvent(event)


def _table(count: int) -> QWidget:
    """Return all groups in so many columns of about the same height."""
    inside = QWidget()
    row = QHBoxLayout(inside)
    row.setContentsMargins(0, 0, 4, 0)
    row.setSpacing(28)
    total = sum(len(actions) + 1 for actions in GROUPS.values())
    columns: list[QVBoxLayout] = []
    filled = 0
    for name, actions in GROUPS.items():
        size = len(actions) + 1
        if len(columns) < count and (filled + size / 2) * count >= total * len(columns):
            columns.append(QVBoxLayout())
            columns[-1].setSpacing(12)
            row.addLayout(columns[-1], 1)
        columns[-1].addLayout(_group(name, actions))
        filled += size
    for column in columns:
        column.addStretch(1)
    return inside


def _group(name: str, actions: tuple[Action, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(0, 1)
    heading = label(name, "caption")
    heading.setFixedHeight(_ROW_PX)
    grid.addWidget(heading, 0, 0, 1, 2)
    for at, action in enumerate(actions, 1):
        title = label(action.title)
        title.setFixedHeight(_ROW_PX)
        title.setAccessibleName(f"{action.title}: {', '.join(_different(action.keys))}")
        grid.addWidget(title, at, 0)
        keys = QHBoxLayout()
        keys.setSpacing(4)
        keys.addStretch(1)
        for each in _different(action.keys):
            cap = label(each, "key")
            cap.setFixedHeight(_CAP_PX)
            keys.addWidget(cap)
        grid.addLayout(keys, at, 1)
    return grid


def _different(keys: Iterable[str]) -> list[str]:
    """Return the names of keys; Enter of the number pad has that of Return."""
    return list(dict.fromkeys(key_name(each) for each in keys))
