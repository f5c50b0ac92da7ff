"""Qt's view of the clip shelf: rows, their spoken names, and what is dragged out."""

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

ROW_ROLE = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex


class ClipItems(QAbstractListModel):
    """Answers a view's questions about a shelf; it holds nothing itself."""

    def __init__(self, shelf: ClipCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._told = list(shelf.shown)
        shelf.on_change = self._on_change

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._told)

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
                return f"{row.spoken}\n{row.path.name}"
            case role if role == ROW_ROLE:
                return row
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of the rows; all of them are finished, and stay where they are."""
        data = QMimeData()
        rows = [self.row(index) for index in indexes]
        data.setUrls([QUrl.fromLocalFile(str(row.path)) for row in rows if row])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def row(self, index: AnyIndex) -> ClipRow | None:
        """Return the row at an index."""
        place = index.row()
        return self._told[place] if index.isValid() and place < len(self._told) else None

    def index_of(self, clip_id: str) -> QModelIndex:
        """Return where a clip is shown; an invalid index where it is not."""
        place = self._shelf.place(clip_id)
        return QModelIndex() if place is None else self.index(place)

    def _on_change(self, clip_ids: list[str] | None) -> None:
        if clip_ids is not None:
            places = [place for each in clip_ids if (place := self._shelf.place(each)) is not None]
            for place in places:
                self._told[place] = self._shelf.row_at(place)
            # One stretch that holds them all: views look at what they show of it, once.
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
            return
        new = self._shelf.shown
        if not self._insert_one_stretch(new):
            self.beginResetModel()
            self._told = new
            self.endResetModel()

    def _insert_one_stretch(self, new: list[ClipRow]) -> bool:
        """Insert what is new where all of it stands together: the selection then stays."""
        old_ids, new_ids = [r.id for r in self._told], [r.id for r in new]
        added = len(new_ids) - len(old_ids)
        if added <= 0:
            return False
        first = next(
            (at for at, differ in enumerate(map(ne, old_ids, new_ids)) if differ), len(old_ids)
        )
        if old_ids[first:] != new_ids[first + added :]:
            return False
        self.beginInsertRows(QModelIndex(), first, first + added - 1)
        self._told = new
        self.endInsertRows()
        return True
