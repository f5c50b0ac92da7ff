"""What stands in place of the list if nothing in it matches: why, and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.clips.filters import Filters, View
from desktop.clips.query import Query
from desktop.theme.stylesheet import MARGIN_PX
from desktop.widgets.basics import label
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption

_LONGEST_WORDS = 40


class NoHit(QWidget):
    """Says why nothing is shown; emits `clear_clicked`, or the words to ask for."""

    clear_clicked = Signal()
    ask_clicked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.heading, self.reason = label("", "heading"), label("", "caption")
        self.heading.setWordWrap(True)
        self.clear = SignButton("Clear filters")
        self.clear.clicked.connect(self.clear_clicked)
        self.ask = SignButton(" ", look="out")
        self.ask.clicked.connect(lambda: self.ask_clicked.emit(self._words))
        card = QFrame()
        card.setObjectName("card")
        row = QHBoxLayout(card)
        row.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        texts = QVBoxLayout()
        texts.addWidget(self.heading)
        texts.addWidget(self.reason)
        row.addLayout(texts, 1)
        row.addWidget(self.clear)
        row.addWidget(self.ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignTop)

    def show_why(self, query: Query, filters: Filters) -> None:
        """Say what the query and the filters exclude."""
        self._words = " ".join(query.words)
        wanted, on = query.names, filters.names
        self.heading.setText(_why(query, filters))
        also = f"Filters are on as well: {', '.join(on)}." if wanted and on else ""
        if filters.place != View.ALL and (wanted or on):
            also = f"{also} Only {filters.place} is looked through.".strip()
        self.reason.setText(also)
        self.reason.setVisible(bool(also))
        self.clear.setVisible(bool(wanted or on or filters.place != View.ALL))
        self.clear.setText("Clear filters" if on else "Show all loops")
        self.ask.setVisible(bool(self._words))
        self.ask.setText(plain_caption(f"Ask for {self._words[:_LONGEST_WORDS]}"))


def _why(query: Query, filters: Filters) -> str:
    if query.words and len(query.names) == 1:
        return f"No loop is called “{' '.join(query.words)}”"
    if query.names:
        return f"No loop has all of this: {', '.join(query.names)}"
    if filters.names:
        return f"No loop has all of this: {', '.join(filters.names)}"
    return f"Nothing is in {filters.place} yet"
