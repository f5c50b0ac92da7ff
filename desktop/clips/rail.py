"""The column before the list of a wide window: views, collections and tags, with their counts."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.clips.filters import Counts, Filters, View
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX
from desktop.theme.typeface import CAPTION_PX, text_font
from desktop.widgets.basics import FlowLayout, label
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption

WIDTH_PX = 184
_MOST_TAGS = 16
_VIEW_SIGNS = {
    View.ALL: "list", View.STARRED: "star", View.FITS: "check", View.RECORDINGS: "recording",
    View.IMPORTS: "import",
}  # fmt: skip


class PlaceButton(SignButton):
    """A view or a collection, with how many clips it has at its right."""

    def __init__(self, colours: Colours, name: str, sign: str) -> None:
        super().__init__(" ", sign, name, small=True)  # the name is drawn beside the count
        self._colours = colours
        self._name, self._count = name, 0
        self.setObjectName("place")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int) -> None:
        """Show how many clips there are."""
        self._count = count
        self.setAccessibleName(f"{self._name}, {count}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(text_font(CAPTION_PX))
        painter.setPen(QColor(self._colours.muted))
        inner = self.rect().adjusted(10, 0, -10, 0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, right, f"{self._count:,}")
        room = painter.fontMetrics().horizontalAdvance(f"{self._count:,}") + GAP_PX
        painter.setFont(self.font())
        painter.setPen(QColor(self._colours.text))
        place = QRect(inner.x() + 24, inner.y(), inner.width() - 24 - room, inner.height())
        dots = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(self._name, dots, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class Rail(QScrollArea):
    """Emits the view and the collection that were chosen, and the tags that shall hold."""

    chosen = Signal(object, str)
    tags_changed = Signal(object)
    opened = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._filters: Filters | None = None
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH_PX)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.views = {view: self._place(view, _VIEW_SIGNS[view]) for view in View}
        for view, button in self.views.items():
            button.clicked.connect(partial(self._choose, view, ""))
        self.collections: dict[str, PlaceButton] = {}
        self.tags: dict[str, SignButton] = {}
        self._lay_out()

    def show_counts(self, counts: Counts, filters: Filters) -> None:
        """Show what the project has, and what is chosen."""
        self._filters = filters
        for view, button in self.views.items():
            button.show_count(counts.views[view])
        names = sorted({*counts.collections} | {filters.collection} - {""}, key=str.lower)
        if names != list(self.collections):
            self._show_collections(names)
        for name, button in self.collections.items():
            button.show_count(counts.collections[name])
        tags = [tag for tag, _count in counts.tags.most_common(_MOST_TAGS)]
        if tags != list(self.tags):
            self._show_tags(tags)
        self.show_chosen(filters)

    def show_chosen(self, filters: Filters) -> None:
        """Show which view, collection and tags are chosen."""
        self._filters = filters
        for view, button in self.views.items():
            button.setChecked(view == filters.view and not filters.collection)
        for name, button in self.collections.items():
            button.setChecked(name == filters.collection)
        for tag, chip in self.tags.items():
            chip.setChecked(tag in filters.tags)

    def _choose(self, view: View, collection: str) -> None:
        self.chosen.emit(view, collection)
        if self._filters is not None:  # a second click leaves it chosen
            self.show_chosen(self._filters)

    def _toggle(self, tag: str) -> None:
        if self._filters is not None:
            self.tags_changed.emit(self._filters.tags ^ {tag})

    def _add(self) -> None:
        action = self.window().findChild(QAction, "collect")
        if action is not None:
            action.trigger()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit()

    def _place(self, name: str, sign: str) -> PlaceButton:
        return PlaceButton(self._colours, name, sign)

    def _show_collections(self, names: list[str]) -> None:
        _clear(self.collections)
        self.collections = {name: self._place(name, "box") for name in names}
        for name, button in self.collections.items():
            button.clicked.connect(partial(self._choose, View.ALL, name))
            self._collected.addWidget(button)

    def _show_tags(self, tags: list[str]) -> None:
        _clear(self.tags)
        self.tags = {tag: SignButton(tag, tip=f"Only loops with the tag {tag}") for tag in tags}
        for tag, chip in self.tags.items():
            chip.setObjectName("chip")
            chip.setText(plain_caption(tag[:24]))
            chip.setCheckable(True)
            chip.clicked.connect(partial(self._toggle, tag))
            self._tagged.addWidget(chip)
        self._tags_head.setVisible(bool(tags))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(GAP_PX, 12, GAP_PX, 12)
        column.setSpacing(2)
        for button in self.views.values():
            column.addWidget(button)
        head = QHBoxLayout()
        head.setContentsMargins(10, 12, 0, 2)
        head.addWidget(label("Collections", "caption"), 1)
        add = SignButton("", "add", "Put the selected loops into a collection", small=True)
        add.setObjectName("quiet")
        add.clicked.connect(self._add)
        head.addWidget(add)
        column.addLayout(head)
        self._collected = QVBoxLayout()
        self._collected.setSpacing(2)
        column.addLayout(self._collected)
        self._tags_head = label("Tags", "caption")
        self._tags_head.setContentsMargins(10, 12, 0, 4)
        self._tags_head.setVisible(False)
        column.addWidget(self._tags_head)
        chips = QWidget()
        self._tagged = FlowLayout(chips, 4)
        self._tagged.setContentsMargins(10, 0, 4, 0)
        column.addWidget(chips)
        column.addStretch(1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)


def _clear(buttons: Mapping[str, QWidget]) -> None:
    for button in buttons.values():
        button.hide()
        button.deleteLater()
