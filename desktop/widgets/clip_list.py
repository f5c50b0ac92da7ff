"""The list of clips: arrows choose and audition, dragging copies the files out."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from desktop.models.clip_items import AnyIndex, ClipItems
from desktop.models.rows import ClipRow
from desktop.widgets.clip_delegate import ClipDelegate, columns_in


class ClipList(QListView):
    """Tells which clip is chosen, and which sign or star was clicked."""

    chosen = Signal(object)
    play_clicked = Signal(object)
    star_clicked = Signal(object)

    def __init__(self, items: ClipItems, delegate: ClipDelegate) -> None:
        super().__init__()
        self._items = items
        self._chosen_id = ""
        self._delegate = delegate  # the view does not own it
        self.setModel(items)
        self.setItemDelegate(delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Clips")
        items.modelAboutToBeReset.connect(self._remember)
        items.modelReset.connect(self._choose_again)

    def chosen_row(self) -> ClipRow | None:
        """Return the row that the cursor is on."""
        return self._items.row(self.currentIndex())

    def chosen_rows(self) -> list[ClipRow]:
        """Return all rows that are selected."""
        rows = [self._items.row(index) for index in self.selectedIndexes()]
        return [row for row in rows if row is not None]

    def choose(self, clip_id: str) -> None:
        """Put the cursor on a clip."""
        index = self._items.index_of(clip_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        row = self._items.row(current)
        if row is not None:
            self.chosen.emit(row)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            index = self.indexAt(event.position().toPoint())
            row = self._items.row(index)
            if row is not None and self._clicked(row, index, event):
                return True
        return super().viewportEvent(event)

    def _clicked(self, row: ClipRow, index: QModelIndex, event: QMouseEvent) -> bool:
        places = columns_in(self.visualRect(index))
        point = event.position().toPoint()
        if places["star"].contains(point):
            self.star_clicked.emit(row)
            return True
        if places["sign"].contains(point):
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, select)
            self.play_clicked.emit(row)
            return True
        return False

    def _remember(self) -> None:
        row = self.chosen_row()
        self._chosen_id = row.id if row else ""

    def _choose_again(self) -> None:
        # After the view has taken in the reset itself, which forgets the cursor.
        QTimer.singleShot(0, self, lambda: self.choose(self._chosen_id))
