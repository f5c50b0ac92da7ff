"""The Qt model of the last 200 OSC messages, filled in batches."""

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from bridge.osc.clients import Endpoint
from bridge.osc.traffic import MOST_KEPT, Datagram, TrafficLine, lines_of
from desktop.widgets.plain import plain_tip

COLUMNS = ("Time", "In/out", "Address", "Arguments", "Client")
AnyIndex = QModelIndex | QPersistentModelIndex


class TrafficItems(QAbstractTableModel):
    """Serves messages to Qt views, the newest last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TrafficLine] = []
        self.names: Mapping[Endpoint, str] = {}
        """The names of known clients by endpoint; others are shown by address."""
        self.last_number = 0
        """The number of the newest datagram in the model."""

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells(line)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{line.address} {line.arguments}".strip())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DisplayRole and 0 <= section < len(COLUMNS):
            return COLUMNS[section]
        return None

    def take(self, datagrams: Sequence[Datagram]) -> None:
        """Add messages, and drop the oldest beyond the limit."""
        if not datagrams:
            return
        self.last_number = datagrams[-1].number
        new = _newest_lines(datagrams)
        surplus = min(max(len(self._lines) + len(new) - MOST_KEPT, 0), len(self._lines))
        if surplus:
            self.beginRemoveRows(QModelIndex(), 0, surplus - 1)
            del self._lines[:surplus]
            self.endRemoveRows()
        first = len(self._lines)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self._lines += new
        self.endInsertRows()

    def clear(self) -> None:
        """Remove all messages."""
        self.beginResetModel()
        self._lines = []
        self.endResetModel()

    def text(self, rows: Sequence[int]) -> str:
        """Return rows as lines of text; all rows if `rows` is empty."""
        chosen = [self._lines[row] for row in rows] if rows else self._lines
        return "\n".join("  ".join(self._cells(line)) for line in chosen)

    def _cells(self, line: TrafficLine) -> tuple[str, ...]:
        passed = time.strftime("%H:%M:%S", time.localtime(line.at_s))
        return (
            f"{passed}.{int(line.at_s * 1000) % 1000:03d}",
            "in" if line.came_in else "out",
            line.address,
            line.arguments,
            self.names.get(line.endpoint) or f"{line.endpoint.host}:{line.endpoint.port}",
        )


def _newest_lines(datagrams: Sequence[Datagram]) -> list[TrafficLine]:
    """Return the newest messages; a bundle may hold many, so stop reading at the limit."""
    newest: list[TrafficLine] = []
    for datagram in reversed(datagrams):
        newest += reversed(lines_of(datagram))
        if len(newest) >= MOST_KEPT:
            break
    return newest[:MOST_KEPT][::-1]
