"""The Qt item model of the open jobs."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.prompt.open_jobs import JobRow, OpenJobs
from desktop.widgets.plain import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex


class JobItems(QAbstractListModel):
    """Serves the open jobs to Qt views."""

    def __init__(self, open_jobs: OpenJobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_jobs = open_jobs
        self._shown = open_jobs.rows
        open_jobs.on_change = self._on_change

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken(self._open_jobs.now_s())
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(row.spoken(self._open_jobs.now_s()))
            case role if role == ROW_ROLE:
                return row
        return None

    def row(self, index: AnyIndex) -> JobRow | None:
        """Return the job at an index."""
        place = index.row()
        return self._shown[place] if index.isValid() and place < len(self._shown) else None

    def left_s(self, row: JobRow) -> float | None:
        """Return the estimated time left in seconds; None if it is not known yet."""
        return row.left_s(self._open_jobs.now_s())

    def _on_change(self, place: int | None) -> None:
        if place is None:
            self.beginResetModel()
            self._shown = self._open_jobs.rows
            self.endResetModel()
        else:
            self._shown = self._open_jobs.rows
            self.dataChanged.emit(self.index(place), self.index(place))
