"""The button before the search: a view of the project, or a collection."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.clips.filters import Counts, View
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption

_LONGEST_NAME_PX = 140


class ViewButton(SignButton):
    """Emits the view and the collection that were chosen; one of them is the usual one."""

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(View.ALL, "box", "Views and collections of this project")
        self.chevron = True
        self.setProperty("chevron", True)  # noqa: FBT003 - Qt's own
        self.counts: Callable[[], Counts] | None = None
        self.setAccessibleName("View")
        self.clicked.connect(self._open)

    def show_place(self, name: str) -> None:
        """Show the name of the view or collection."""
        dots = Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(name, dots, _LONGEST_NAME_PX)
        self.setText(plain_caption(shown))
        self.setAccessibleName(f"View: {name}")

    def _open(self) -> None:
        if self.counts is None:
            return
        counts = self.counts()
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for view, count in counts.views.items():
            action = menu.addAction(f"{view}\t{count}")
            action.triggered.connect(partial(self.chosen.emit, view, ""))
        menu.addSeparator()
        for name, count in sorted(counts.collections.items(), key=lambda each: each[0].lower()):
            action = menu.addAction(plain_caption(f"{name}\t{count}"))
            action.triggered.connect(partial(self.chosen.emit, View.ALL, name))
        add = self.window().findChild(QAction, "collect")
        if add is not None:
            menu.addAction(add)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
