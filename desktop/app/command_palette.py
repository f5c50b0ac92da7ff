"""The list of commands (Ctrl+K): every action, and loops, found by a few letters."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.theme.colours import Colours
from desktop.theme.signs import SIGN_PX, paint_sign
from desktop.theme.typeface import CAPTION_PX, MEDIUM, RULER_PX, text_font
from desktop.widgets.plain import plain_tip
from desktop.widgets.sheet import Sheet

_WIDTH_PX, _ROW_PX, _HEADING_PX, _MOST_ROWS = 520, 32, 26, 12
_TEXT_X, _MARGIN = 36, 10
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ENTRY = Qt.ItemDataRole.UserRole


class Entry(NamedTuple):
    """A line of the list: a command, or a heading if there is nothing to `run`.

    `detail` stands at its right: its shortcut, or facts about a loop.
    """

    text: str
    run: Callable[[], None] | None = None
    sign: str = ""
    detail: str = ""


class CommandPalette(Sheet):
    """A field and the entries that it finds; `find` returns them for a text."""

    def __init__(
        self, window: QWidget, colours: Colours, find: Callable[[str], list[Entry]]
    ) -> None:
        super().__init__(window, "Commands", _WIDTH_PX)
        self._find = find
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Command or loop")
        self.field.textChanged.connect(self._show)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_EntryDelegate(colours, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Found")
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(self._run)
        self.list.currentItemChanged.connect(self._say)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list)

    def open(self) -> None:
        """Show all commands; what was typed before is forgotten."""
        self.field.clear()
        self._show("")
        self.open_with(self.field)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and page keys move in the list, Enter runs the chosen command."""
        steps = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST_ROWS - 1,
            Qt.Key.Key_PageUp: 1 - _MOST_ROWS,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._move(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif (event.key(), event.modifiers()) == (
            Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier,
        ):  # fmt: skip
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, text: str) -> None:
        self.list.clear()
        height = 0
        for entry in self._find(text):
            item = QListWidgetItem(entry.text, self.list)
            item.setData(_ENTRY, entry)
            item.setToolTip(plain_tip(entry.text))
            row = _ROW_PX if entry.run else _HEADING_PX
            item.setSizeHint(QSize(0, row))
            if entry.run is None:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            height += row
        self.list.setFixedHeight(min(height, _MOST_ROWS * _ROW_PX))
        self._move(1)
        if not self.isHidden():
            self.place()

    def _move(self, step: int) -> None:
        """Choose the command that is so many further; the ends are ends."""
        places = [at for at in range(self.list.count()) if _entry(self.list.item(at)).run]
        if not places:
            return
        here = self.list.currentRow()
        now = places.index(here) if here in places else -1
        self.list.setCurrentRow(places[min(max(now + step, 0), len(places) - 1)])
        if self.list.currentRow() == places[0]:
            self.list.scrollToTop()  # the heading above it, too

    def _say(self, item: QListWidgetItem | None) -> None:
        """Tell screen readers, which are in the field, what is chosen."""
        self.field.setAccessibleDescription("" if item is None else item.text())

    def _run(self, item: QListWidgetItem | None) -> None:
        run = None if item is None else _entry(item).run
        if run is not None:
            self.dismiss()
            run()


class _EntryDelegate(QStyledItemDelegate):
    """Draws one entry: sign, text, and its detail on the right."""

    def __init__(self, colours: Colours, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = colours
        self._fonts = text_font(weight=MEDIUM), text_font(CAPTION_PX), text_font(RULER_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(_ENTRY)
        colours, rect = self._colours, option.rect
        text_style, heading_style, detail_style = self._fonts
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.run is None:
            painter.setFont(heading_style)
            painter.setPen(QColor(colours.muted))
            painter.drawText(rect.adjusted(_MARGIN, 0, 0, 0), _LEFT, entry.text)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.hover))
            painter.drawRoundedRect(QRectF(rect), 4, 4)
        if entry.sign:
            top = rect.y() + (rect.height() - SIGN_PX) / 2
            box = QRectF(rect.x() + _MARGIN, top, SIGN_PX, SIGN_PX)
            paint_sign(painter, box, entry.sign, colours.muted)
        inner = rect.adjusted(_TEXT_X, 0, -_MARGIN, 0)
        painter.setFont(detail_style)
        painter.setPen(QColor(colours.muted))
        painter.drawText(inner, _RIGHT, entry.detail)
        inner.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(entry.detail) - 8, 0)
        painter.setFont(text_style)
        painter.setPen(QColor(colours.text))
        dots = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(entry.text, dots, inner.width())
        painter.drawText(inner, _LEFT, text)
        painter.restore()


def _entry(item: QListWidgetItem) -> Entry:
    entry: Entry = item.data(_ENTRY)
    return entry
