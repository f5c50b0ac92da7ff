"""The strip below the transport that shows one message at a time."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout

from desktop.state.notices import Level, Notice
from desktop.widgets.basics import label

INFO_STAYS_MS = 6_000


class NoticeStrip(QFrame):
    """Shows the newest message; info closes itself, warnings and errors stay until closed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.text = label("")
        self.text.setWordWrap(True)
        self.offer = QPushButton()
        self._accept: Callable[[], None] = lambda: None
        self.details = QPushButton("Details")
        self.details.setCheckable(True)
        self.close_button = QPushButton("×")
        self.detail_text = QPlainTextEdit()
        self.detail_text.setReadOnly(True)
        self.detail_text.setFixedHeight(140)
        self.detail_text.setAccessibleName("Message details")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setVisible(False)

    def show_notice(self, notice: Notice) -> None:
        """Show a message in place of the previous one."""
        self.text.setText(notice.text)
        self.setAccessibleName(notice.text)
        self.offer.setVisible(notice.offer is not None)
        if notice.offer is not None:
            self.offer.setText(notice.offer.text)
            self._accept = notice.offer.accept
        self.details.setChecked(False)
        self.details.setVisible(bool(notice.detail))
        self.detail_text.setPlainText(notice.detail)
        self.setProperty("level", notice.level.value)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setVisible(True)
        if notice.level is Level.INFO:
            self._timer.start(INFO_STAYS_MS)
        else:
            self._timer.stop()

    def _take_offer(self) -> None:
        self._accept()

    def _lay_out(self) -> None:
        self.close_button.setObjectName("quiet")
        self.close_button.setToolTip("Close this message (Esc)")
        self.close_button.setAccessibleName("Close message")
        self.close_button.clicked.connect(self.hide)
        self.offer.clicked.connect(self._take_offer)
        self.details.setObjectName("quiet")
        self.details.setToolTip("Show the engine's output")
        self.details.toggled.connect(self.detail_text.setVisible)
        self.detail_text.setVisible(False)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        row.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.details, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.addLayout(row)
        column.addWidget(self.detail_text)
