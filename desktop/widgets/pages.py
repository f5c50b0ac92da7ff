"""The centre of the window: the clips, and the pages that open in their place."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.theme.stylesheet import MARGIN_PX
from desktop.widgets.basics import label
from desktop.widgets.buttons import SignButton


class Pages(QStackedWidget):
    """A stack of pages; the home page is the first and always exists."""

    opened = Signal(str)
    """The id of the page that was opened; empty for the home page."""

    def __init__(self, home: QWidget) -> None:
        super().__init__()
        self._pages: dict[str, QWidget] = {}
        self.addWidget(home)

    def add(self, page_id: str, title: str, inside: QWidget) -> None:
        """Add a page with a heading and a close button."""
        page = QWidget()
        column = QVBoxLayout(page)
        page.setObjectName("middle")
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label(title, "page"))
        head.addStretch(1)
        close = SignButton("", "close", "Back to the loops (Esc)")
        close.setAccessibleName(f"Close {title}")
        close.clicked.connect(self.go_home)
        head.addWidget(close)
        column.addLayout(head)
        column.addWidget(inside, 1)
        self._pages[page_id] = page
        self.addWidget(page)

    def toggle(self, page_id: str) -> None:
        """Open a page, or close it if it is open."""
        if self.page_id == page_id:
            self.go_home()
            return
        self.setCurrentWidget(self._pages[page_id])
        self.opened.emit(page_id)

    def go_home(self) -> bool:
        """Show the home page; return whether another page was open."""
        was_open = self.currentIndex() != 0
        self.setCurrentIndex(0)
        if was_open:
            self.opened.emit("")
        return was_open

    @property
    def page_id(self) -> str:
        """The id of the current page; empty for the home page."""
        return next((i for i, page in self._pages.items() if page is self.currentWidget()), "")
