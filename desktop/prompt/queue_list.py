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
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.prompt.job_items import JobItems
from desktop.theme.colours import Colours
from desktop.theme.typeface import CAPTION_PX, MEDIUM, text_font

CARD_HEIGHT = 66
_GAP = 8
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
        painter.setPen(QPen(QColor(colours.accent if focused else colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(QRectF(card).adjusted(0.5, 0.5, 0, 0), 8, 8)
        inner = card.adjusted(12, 8, -12, -8)
        painter.setPen(QColor(colours.text))
        painter.setFont(self._title)
        title = inner.adjusted(0, 0, -_CROSS * (2 if row.has_preview else 1), 0)
        metrics = painter.fontMetrics()
        text = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignTop, text)
        painter.setPen(QColor(colours.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "×")
        if row.has_preview:
            self._paint_triangle(painter, inner)
        self._paint_progress(painter, inner, row.fraction, begun=row.begun_s is not None)
        painter.setFont(self._small)
        painter.setPen(QColor(colours.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, row.state_text())
        left = self._items.left_s(row)
        if left is not None:
            right = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
            painter.drawText(inner, right, left_text(left))
        painter.restore()

    def _paint_triangle(self, painter: QPainter, inner: QRect) -> None:
        """Draw the button that plays the sound so far."""
        left, top = inner.right() - _CROSS - 8, inner.y() + 3
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
        bar = QRectF(inner.x(), inner.y() + 23, inner.width(), 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.line))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        bar.setWidth(bar.width() * fraction)
        painter.setBrush(QColor(self._colours.accent))
        painter.drawRoundedRect(bar, 1.5, 1.5)


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
        self.setAccessibleName("Queue")
        self.setToolTip(
            "Open jobs; Delete cancels the selected one, Enter plays what is ready so far"
        )

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

    def _emit_for(self, index: QModelIndex, wanted: SignalInstance) -> None:
        row = self._items.row(index)
        if row is not None and (row.has_preview or wanted is not self.listen_wanted):
            wanted.emit(row.id)
