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
_MS_PER_CHARACTER = 60
"""How long people take to read, at about 200 words a minute: a long message stays longer."""
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
_WIDTH, _MARGIN, _LEAST_HEIGHT = 420, 12, 48
_STARS_PX = 48
"""The width of the column of stars: it is not covered, since that is where people click next."""
_LINE_MARGIN = 6
"""Over and under the text, so that its first line is level with the buttons."""


class NoticeStrip(QFrame):
    """Shows the newest message; it closes itself, but errors stay.

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
        self._is_read = False
        """Whether there was time to read the message."""
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
        self._timer.timeout.connect(self._note_read)
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
        self._is_read = False
        least_ms = INFO_STAYS_MS if notice.offer is None else OFFER_STAYS_MS
        self._timer.start(max(least_ms, len(notice.text) * _MS_PER_CHARACTER))

    def make_way(self) -> None:
        """Hide a message that was read and offers nothing: something beside it is clicked."""
        if self._is_read and self.offer.isHidden() and self.details.isHidden():
            self.hide()

    def _note_read(self) -> None:
        self._is_read = True
        if self.property("level") != Level.ERROR.value:
            self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self._is_read:
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Stand in the lower right corner, above everything else."""
        right = _MARGIN + _STARS_PX
        width = max(min(_WIDTH, self._over.width() - right - _MARGIN), 120)
        self.setFixedWidth(width)
        self._column.activate()  # or the height is still that of the text before
        height = max(self.heightForWidth(width), _LEAST_HEIGHT)
        self.resize(width, height)
        bottom = self._over.height()
        if self._above.isVisible():
            bottom = self._above.mapTo(self._over, QPoint(0, 0)).y()
        self.move(self._over.width() - width - right, max(bottom - height - _MARGIN, 0))
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
        self.text.setContentsMargins(0, _LINE_MARGIN, 0, _LINE_MARGIN)
        row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.details, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 10)
        column.addLayout(row)
        column.addWidget(self.detail_text)
