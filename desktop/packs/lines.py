"""The Qt model of what became of each loop of a pack, the last one at the end."""

from typing import NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop.widgets.plain import plain_tip
from engine.packs.journal import Delivered


class Line(NamedTuple):
    """What became of a loop; what is not in the pack is shown muted."""

    text: str
    is_there: bool = True

    @classmethod
    def of(cls, delivered: Delivered) -> "Line":
        """Return the line of a loop that is in the pack, or was left out."""
        if delivered.file:
            return cls(delivered.file)
        return cls(f"Left out: {delivered.recipe.title} is {delivered.left_out}", is_there=False)


class LineItems(QAbstractListModel):
    """Serves lines to a list."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(line.text)
        if role == Qt.ItemDataRole.ForegroundRole and not line.is_there:
            return QColor(QApplication.palette().placeholderText().color())
        return None

    def add(self, line: Line) -> None:
        """Add a line at the end."""
        place = len(self._lines)
        self.beginInsertRows(QModelIndex(), place, place)
        self._lines.append(line)
        self.endInsertRows()

    def clear(self) -> None:
        """Remove all lines."""
        self.beginResetModel()
        self._lines = []
        self.endResetModel()
