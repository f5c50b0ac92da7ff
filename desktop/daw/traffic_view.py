"""The live table of the bridge's messages, with pause, clear and copy."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.daw.traffic_items import TrafficItems
from desktop.theme.typeface import CAPTION_PX, text_font
from desktop.widgets.basics import ElidedLabel, label

_ROW_HEIGHT = 24
_WIDTHS = (104, 56, 170)
_ARGUMENTS = 3


class TrafficView(QWidget):
    """Shows `items`; emits `clear_clicked` when the log should be cleared."""

    clear_clicked = Signal()

    def __init__(self, items: TrafficItems) -> None:
        super().__init__()
        self._items = items
        self.pause = QPushButton("Pause")
        self.pause.setCheckable(True)
        self.pause.setToolTip("Pause the display of new messages")
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Clear all messages")
        self.clear.clicked.connect(self._clear)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the selected messages, or all, as text (Ctrl+C)")
        self.copy.clicked.connect(self.copy_lines)
        self.table = _Table(items)
        self.table.copy_wanted.connect(self.copy_lines)
        self._lay_out()

    @property
    def is_paused(self) -> bool:
        """Whether new messages are held back."""
        return self.pause.isChecked()

    def follow(self) -> None:
        """Scroll to the newest message, if the table was at its end."""
        bar = self.table.verticalScrollBar()
        if self.table.at_end:
            bar.setValue(bar.maximum())

    def copy_lines(self) -> None:
        """Copy the selected messages, or all, to the clipboard."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(self._items.text(rows))

    def _clear(self) -> None:
        self._items.clear()
        self.clear_clicked.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Messages", "heading"))
        which = ElidedLabel("caption")
        which.setText("the last 200, without heartbeats")
        head.addWidget(which, 1)
        for button in (self.pause, self.clear, self.copy):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.table, 1)


class _Table(QTableView):
    """A table of text that remembers whether it is scrolled to its end."""

    copy_wanted = Signal()

    def __init__(self, items: TrafficItems) -> None:
        super().__init__()
        self.at_end = True
        self.setModel(items)
        self.setObjectName("messages")
        self.setAccessibleName("OSC messages")
        self.setToolTip("OSC messages received and sent by the bridge")
        self.setFont(text_font(CAPTION_PX))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(6 * _ROW_HEIGHT)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, width)
        columns.setSectionResizeMode(_ARGUMENTS, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(_ARGUMENTS + 1, 128)
        self.verticalScrollBar().valueChanged.connect(self._note_end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _note_end(self, value: int) -> None:
        self.at_end = value >= self.verticalScrollBar().maximum() - _ROW_HEIGHT
