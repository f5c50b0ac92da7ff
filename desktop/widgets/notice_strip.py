"""One message at a time, over the lower right of the list: nothing moves when it comes or goes."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.state.notices import Level, Notice
from desktop.widgets.basics import label
from desktop.widgets.buttons import SignButton

INFO_STAYS_MS, OFFER_STAYS_MS = 6_000, 20_000
"""How long a message stays, without and with something to do: that takes time to read and reach."""
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
_WIDTH, _MARGIN, _LEAST_HEIGHT = 420, 12, 48


class NoticeStrip(QFrame):
    """Shows the newest message; info closes itself, warnings and errors stay until closed.

    Nothing closes itself under the pointer, or a click on it would go to what is below.
    """

    def __init__(self, over: QWidget, above: QWidget) -> None:
        """Show messages over a widget, but above a part of it where that is visible."""
        super().__init__(over)
        self._over, self._above = over, above
        above.installEventFilter(self)
        over.installEventFilter(self)
        self.setObjectName("notice")
        self.text = label("")
        self.text.setWordWrap(True)
        self.offer = SignButton(" ")
        self._topic = ""
        self._accept: Callable[[], None] = lambda: None
        self.details = SignButton("Details")
        self.details.setCheckable(True)
        self.close_button = SignButton("", "close", "Close this message (Esc)", small=True)
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
        """Show a message in place of the previous one; one without text ends that of its topic."""
        if not notice.text:
            if notice.topic == self._topic:
                self.hide()
            return
        self._topic = notice.topic
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
        self._place()
        self._timer.stop()
        if notice.level is Level.INFO:
            self._timer.setInterval(INFO_STAYS_MS if notice.offer is None else OFFER_STAYS_MS)
            self._timer.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.property("level") == Level.INFO.value:
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Stand in the lower right corner, above everything else."""
        width = min(_WIDTH, self._over.width() - 2 * _MARGIN)
        self.setFixedWidth(max(width, 120))
        height = max(self.heightForWidth(width), self.sizeHint().height(), _LEAST_HEIGHT)
        self.resize(width, height)
        bottom = self._over.height()
        if self._above.isVisible():
            bottom = self._above.mapTo(self._over, QPoint(0, 0)).y()
        self.move(self._over.width() - width - _MARGIN, max(bottom - height - _MARGIN, 0))
        self.raise_()

    def _take_offer(self) -> None:
        self.hide()
        self._accept()

    def _lay_out(self) -> None:
        self.close_button.setObjectName("quiet")
        self.close_button.setAccessibleName("Close message")
        self.close_button.clicked.connect(self.hide)
        self.offer.clicked.connect(self._take_offer)
        self.details.setObjectName("quiet")
        self.details.setToolTip("Show the engine's output")
        self.details.toggled.connect(self.detail_text.setVisible)
        self.details.toggled.connect(lambda _opened: self._place())
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
