"""The Qt model of the clip collection."""

from collections.abc import Sequence
from operator import ne

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)

from desktop.clips.collection import ClipCollection
from desktop.clips.rows import ClipRow
from desktop.widgets.plain import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex


class ClipItems(QAbstractListModel):
    """Serves the rows of a collection to Qt views, and the files to drags."""

    def __init__(self, collection: ClipCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._collection = collection
        self._shown = list(collection.shown)
        collection.on_change = self._on_change

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.shown_title
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return row.spoken
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{row.spoken}\n{row.path.name}")
            case role if role == ROW_ROLE:
                return row
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of the rows; they are complete, and stay in the project."""
        data = QMimeData()
        rows = [self.row(index) for index in indexes]
        data.setUrls([QUrl.fromLocalFile(str(row.path)) for row in rows if row])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def row(self, index: AnyIndex) -> ClipRow | None:
        """Return the row at an index."""
        place = index.row()
        return self._shown[place] if index.isValid() and place < len(self._shown) else None

    def index_of(self, clip_id: str) -> QModelIndex:
        """Return the index of a clip; an invalid one if it is not shown."""
        place = self._collection.place(clip_id)
        return QModelIndex() if place is None else self.index(place)

    def _on_change(self, clip_ids: list[str] | None) -> None:
        if clip_ids is not None:
            places = [
                place for each in clip_ids if (place := self._collection.place(each)) is not None
            ]
            for place in places:
                self._shown[place] = self._collection.row_at(place)
            # Emit one range that covers all rows: a view then updates once.
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
            return
        new = self._collection.shown
        if not self._insert_one_stretch(new):
            self.beginResetModel()
            self._shown = new
            self.endResetModel()

    def _insert_one_stretch(self, new: list[ClipRow]) -> bool:
        """Insert the new rows if they are contiguous, which keeps the selection; return whether."""
        old_ids, new_ids = [r.id for r in self._shown], [r.id for r in new]
        added = len(new_ids) - len(old_ids)
        if added <= 0:
            return False
        first = next(
            (at for at, differ in enumerate(map(ne, old_ids, new_ids)) if differ), len(old_ids)
        )
        if old_ids[first:] != new_ids[first + added :]:
            return False
        self.beginInsertRows(QModelIndex(), first, first + added - 1)
        self._shown = new
        self.endInsertRows()
        return True
