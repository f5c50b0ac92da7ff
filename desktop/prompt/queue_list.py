"""The queue: a card for each open job, with progress and a cancel button."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.prompt.job_items import JobItems
from desktop.theme.colours import Colours
from desktop.theme.signs import paint_sign
from desktop.theme.typeface import CAPTION_PX, MEDIUM, text_font

CARD_HEIGHT = 44
_GAP = 4
_CROSS = 28
_AnyIndex = QModelIndex | QPersistentModelIndex


class _JobCard(QStyledItemDelegate):
    def __init__(self, colours: Colours, items: JobItems) -> None:
        super().__init__()
        self._colours = colours
        self._items = items
        self._title = text_font(weight=MEDIUM)
        self._small = text_font(CAPTION_PX)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _AnyIndex) -> QSize:
        return QSize(120, CARD_HEIGHT + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        row = self._items.row(self._items.index(index.row()))
        if row is None:
            return
        colours = self._colours
        card = option.rect.adjusted(0, 0, -1, -_GAP)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(QColor(colours.focus if focused else colours.line), 1))
        painter.setBrush(QColor(colours.ground))
        painter.drawRoundedRect(QRectF(card).adjusted(0.5, 0.5, 0, 0), 6, 6)
        inner = card.adjusted(10, 6, -6, -8)
        line = QRect(inner.x(), inner.y(), inner.width() - _CROSS, 18)
        paint_sign(
            painter, QRectF(inner.right() - 17, inner.y() + 1, 16, 16), "close", colours.muted
        )
        if row.has_preview:
            self._paint_triangle(painter, inner)
            line.adjust(0, 0, -_CROSS, 0)
        left = self._items.left_s(row)
        parts = [row.state_text(), "" if left is None else left_text(left)]
        self._paint_line(painter, line, row.title, " · ".join(part for part in parts if part))
        self._paint_progress(painter, inner, row.fraction, begun=row.begun_s is not None)
        painter.restore()

    def _paint_line(self, painter: QPainter, line: QRect, title: str, state: str) -> None:
        """Draw the title, and the state at the right; the title gets at least half the line."""
        middle = Qt.AlignmentFlag.AlignVCenter
        dots = Qt.TextElideMode.ElideRight
        painter.setFont(self._small)
        painter.setPen(QColor(self._colours.muted))
        shown = painter.fontMetrics().elidedText(state, dots, line.width() // 2)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, shown)
        used = painter.fontMetrics().horizontalAdvance(shown) + _GAP
        painter.setPen(QColor(self._colours.text))
        painter.setFont(self._title)
        title = painter.fontMetrics().elidedText(title, dots, line.width() - used)
        painter.drawText(line, middle, title)

    def _paint_triangle(self, painter: QPainter, inner: QRect) -> None:
        """Draw the button that plays the sound so far."""
        left, top = inner.right() - _CROSS - 14, inner.y() + 4
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.accent))
        painter.drawPolygon(
            [QPointF(left, top), QPointF(left + 9, top + 5.5), QPointF(left, top + 11)]
        )

    def _paint_progress(
        self, painter: QPainter, inner: QRect, fraction: float, *, begun: bool
    ) -> None:
        if not begun:
            return
        bar = QRectF(inner.x(), inner.bottom() - 3, inner.width() - 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.line))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(bar.width() * fraction)
        painter.setBrush(QColor(self._colours.accent))
        painter.drawRoundedRect(bar, 2, 2)


def left_text(left_s: float) -> str:
    """Return the time left as text: `11 s left`, `8 min left`."""
    return f"{max(left_s, 1):.0f} s left" if left_s < 90 else f"{left_s / 60:.0f} min left"


class QueueList(QListView):
    """The open jobs; emits `cancel_wanted` and `listen_wanted` with a job id."""

    cancel_wanted = Signal(str)
    listen_wanted = Signal(str)

    def __init__(self, colours: Colours, items: JobItems) -> None:
        super().__init__()
        self._items = items
        self._card = _JobCard(colours, items)
        self.setItemDelegate(self._card)
        self.setModel(items)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Making")
        self.setToolTip(
            "Open jobs; Delete cancels the selected one, Enter plays what is ready so far"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show whole cards alone: the last one is not cut."""
        super().resizeEvent(event)
        room = self.contentsRect().height() + _GAP  # none is needed below the last one
        cut = room % (CARD_HEIGHT + _GAP) if room > CARD_HEIGHT + _GAP else 0
        self.setViewportMargins(0, 0, 0, cut)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            index = self.indexAt(event.position().toPoint())
            rect = self.visualRect(index)
            from_right = rect.right() - event.position().x()
            if index.isValid() and from_right < 2 * _CROSS + 8:
                wanted = self.cancel_wanted if from_right < _CROSS + 8 else self.listen_wanted
                self._emit_for(index, wanted)
                return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._emit_for(self.currentIndex(), self.cancel_wanted)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._emit_for(self.currentIndex(), self.listen_wanted)
        else:
            super().keyPressEvent(event)

    def cancel_all(self) -> None:
        """Want every job cancelled."""
        for place in range(self._items.rowCount()):
            self._emit_for(self._items.index(place), self.cancel_wanted)

    def _emit_for(self, index: QModelIndex, wanted: SignalInstance) -> None:
        row = self._items.row(index)
        if row is not None and (row.has_preview or wanted is not self.listen_wanted):
            wanted.emit(row.id)
