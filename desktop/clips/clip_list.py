"""The list of clips, as rows or tiles: arrows select and audition, dragging copies the files."""

from collections.abc import Mapping, Sequence
from itertools import chain, groupby

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from desktop.clips.delegate import ClipDelegate
from desktop.clips.items import AnyIndex, ClipItems, Kind
from desktop.clips.rows import ClipRow


class ClipList(QListView):
    """Emits which clip was selected, and on which clip the play icon or the star was clicked.

    Rows and tiles are two forms of the same view and selection; see `show_as`.
    """

    chosen = Signal(object)
    play_clicked = Signal(object)
    star_clicked = Signal(object)
    renamed = Signal(object, str)

    def __init__(self, items: ClipItems, delegates: Mapping[str, ClipDelegate]) -> None:
        """Show clips in the first of `delegates`, which maps each form to its delegate."""
        super().__init__()
        self._items = items
        self._chosen_id = ""
        self._selected_ids: list[str] = []
        self._awaited = ""
        self._typed: str | None = None
        self._is_to_restore = False
        self._delegates = dict(delegates)  # the view does not own them
        self._form = next(iter(delegates))
        self.setModel(items)
        self.setItemDelegate(self.delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Clips")
        # What an opaque list scrolls is copied; of any other, every visible clip is drawn again.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        items.modelAboutToBeReset.connect(self._remember)
        items.modelReset.connect(self._choose_again)
        items.rowsInserted.connect(self._go_to_awaited)
        items.renamed.connect(self.renamed)

    @property
    def delegate(self) -> ClipDelegate:
        """The delegate that draws the clips in the current form."""
        return self._delegates[self._form]

    @property
    def form(self) -> str:
        """The current form, a key of `delegates`."""
        return self._form

    def show_as(self, form: str) -> None:
        """Show the clips in another form; keep the selection, and keep the current clip visible."""
        if form not in self._delegates:
            return
        self._form = form
        self.setItemDelegate(self.delegate)
        side = self.delegate.side_px
        self.setViewportMargins(side, 0, side, 0)
        self._fit()
        self.scrollTo(self.currentIndex())

    def rename(self) -> None:
        """Put a field over the title of the current clip."""
        if self.isVisible() and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
            self.edit(self.currentIndex())

    def show_pair(self, pair: tuple[str, ...]) -> None:
        """Mark the two clips that are compared, by id: A and B; or none."""
        for delegate in self._delegates.values():
            delegate.pair = pair
        self.viewport().update()

    def chosen_row(self) -> ClipRow | None:
        """Return the current row."""
        return self._items.row(self.currentIndex())

    def chosen_rows(self) -> list[ClipRow]:
        """Return all selected rows."""
        rows = [self._items.row(index) for index in self.selectedIndexes()]
        return list({row.id: row for row in rows if row is not None}.values())

    def chosen_with_groups(self) -> list[ClipRow]:
        """Return all selected rows; the line of a group stands for all of its clips."""
        rows: list[ClipRow] = []
        for index in self.selectedIndexes():
            entry = self._items.entry(index)
            if entry is not None:
                is_group = entry.kind is Kind.GROUP
                rows += self._items.members(entry.row.id) if is_group else (entry.row,)
        return list({row.id: row for row in rows}.values())

    def group_of(self, clip_id: str) -> tuple[ClipRow, ...]:
        """Return the clips that are in the group of a clip, in order."""
        return self._items.members(clip_id)

    def repaint_clip(self, clip_id: str) -> None:
        """Repaint a clip, if the list shows it."""
        index = self._items.index_of(clip_id)
        if index.isValid():
            self.update(index)

    def choose(self, clip_id: str) -> None:
        """Make a clip the current one, and scroll to it; its group is opened."""
        self._items.set_open(clip_id, opened=True)
        self._chosen_id, self._selected_ids = clip_id, [clip_id]  # also after a reset of the model
        self.go_to(clip_id)

    def go_to(self, clip_id: str) -> None:
        """Make a clip, or its closed group, the current line, and scroll to it."""
        index = self._items.index_of(clip_id)
        if index.isValid():
            self._select_alone(index)
            self.scrollTo(index)

    def go_to_once_there(self, clip_id: str) -> None:
        """Go to a clip as soon as it is in the list."""
        self._awaited = clip_id
        self._go_to_awaited()

    def _go_to_awaited(self) -> None:
        if self._awaited and self._items.index_of(self._awaited).isValid():
            clip_id, self._awaited = self._awaited, ""
            self.choose(clip_id)

    def neighbour_of(self, clip_ids: set[str]) -> str:
        """Return the clip after the last of some clips, or else before the first; empty for none.

        It is what to select when they are gone.
        """
        places = sorted(
            index.row() for each in clip_ids if (index := self._items.index_of(each)).isValid()
        )
        if not places:
            return ""
        below = range(places[-1] + 1, self._items.rowCount())
        around = chain(below, reversed(range(places[0])))
        rows = (self._items.row(self._items.index(at)) for at in around)
        return next((row.id for row in rows if row is not None and row.id not in clip_ids), "")

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        row = self._items.row(current)
        if row is not None:
            self.chosen.emit(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint each area on its own; Qt would paint all clips from the first to the last area."""
        for area in event.region():  # type: ignore[attr-defined] # its stub says it is none
            painter = QPainter(self.viewport())
            painter.fillRect(area, QColor(self.delegate.colours.ground))
            painter.end()
            super().paintEvent(QPaintEvent(area))

    def dataChanged(self, first: AnyIndex, last: AnyIndex, _roles: Sequence[int] = ()) -> None:
        """Repaint what is visible of some clips; Qt would lay all of them out anew."""
        top, bottom = self.visualRect(first).top(), self.visualRect(last).bottom()
        shown = self.viewport().rect()
        changed = QRect(shown.x(), top, shown.width(), bottom - top + 1) & shown
        if changed.isValid():
            self.viewport().update(changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            index = self.indexAt(event.position().toPoint())
            row = self._items.row(index)
            if row is not None and self._clicked(row, index, event):
                return True
            if not index.isValid():  # what is chosen, and shown below, stays chosen
                return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right opens a group, Left closes it or goes to that of a member."""
        entry = self._items.entry(self.currentIndex())
        opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if entry is None or opens is None or self.isWrapping() or entry.kind is Kind.ALONE:
            super().keyPressEvent(event)
        elif entry.kind is Kind.GROUP:
            self._items.set_open(entry.row.id, opened=opens)
        elif not opens:
            self.setCurrentIndex(self._items.head_of(entry.row.id))

    def _select_alone(self, index: QModelIndex) -> None:
        """Make a line the current and only selected one, even while Ctrl or Shift is held."""
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(index, select)

    def _clicked(self, row: ClipRow, index: QModelIndex, event: QMouseEvent) -> bool:
        places = self.delegate.places(self.visualRect(index))
        point = event.position().toPoint()
        entry = self._items.entry(index)
        if entry is not None and entry.kind is Kind.GROUP and places["fold"].contains(point):
            self._items.set_open(row.id, opened=not entry.is_open)
            return True
        if places["star"].contains(point):
            self.star_clicked.emit(row)
            return True
        if places["play"].contains(point):
            self._select_alone(index)
            self.play_clicked.emit(row)
            return True
        return False

    @property
    def row_width(self) -> int:
        """The width of a row; the view always reserves that of a scroll bar."""
        sides = 2 * self.delegate.side_px
        return self.contentsRect().width() - sides - self.verticalScrollBar().sizeHint().width()

    def _fit(self) -> None:
        """Lay the clips out in as many columns as fit the width."""
        width = self.row_width
        side_by_side = self.delegate.fit(width).width() * 2 <= width
        self.setFlow(QListView.Flow.LeftToRight if side_by_side else QListView.Flow.TopToBottom)
        self.setWrapping(side_by_side)
        self.scheduleDelayedItemsLayout()

    def _remember(self) -> None:
        if self._is_to_restore:  # after two resets, what was before the first counts
            return
        self._is_to_restore = True
        row = self.chosen_row()
        self._chosen_id = row.id if row else ""
        self._selected_ids = [each.id for each in self.chosen_rows()]
        if (editor := self.delegate.editor) is not None and self._is_renaming():
            self._typed = editor.text()

    def _choose_again(self) -> None:
        # Wait until the view has handled the reset itself, which clears cursor and selection.
        QTimer.singleShot(0, self, self._restore)

    def _restore(self) -> None:
        if not self._is_to_restore:
            return
        self._is_to_restore = False
        self.go_to(self._chosen_id)
        indexes = (self._items.index_of(clip_id) for clip_id in self._selected_ids)
        rows = sorted(index.row() for index in indexes if index.isValid())
        selection = QItemSelection()
        # Select adjacent rows as one range: ten thousand single ranges take Qt seconds.
        for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
            places = [row for _, row in run]
            selection.select(self._items.index(places[0]), self._items.index(places[-1]))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.Select)
        self._go_to_awaited()
        self._rename_on()

    def _rename_on(self) -> None:
        """Go on with the title that was being typed when the list was arranged anew."""
        typed, self._typed = self._typed, None
        if typed is None:
            return
        self.rename()
        if (editor := self.delegate.editor) is not None and self._is_renaming():
            editor.setText(typed)

    def _is_renaming(self) -> bool:
        return self.state() == QAbstractItemView.State.EditingState
