"""The Models page: a card for each model, in groups, and a button to add a folder."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.library.card import NARROW_PX, SCROLL_PX, CardHeader, ModelCard
from desktop.library.rows import GROUPS, HERE, USUAL_TIME, ModelRow, group_of
from desktop.widgets.basics import hairline, label, sentence
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.plain import plain_tip
from engine.loops.precedence import SessionTime
from engine.models.errors import gigabytes
from engine.models.needs import Capacity

_INTRODUCTION = (
    "What plays your words. Each is fetched once, checked, and then works offline. Its licence "
    "also holds for the loops that it makes."
)
_ELSEWHERE = (
    "Loops are made on {host} (Ctrl+Shift+M): these are the models there, and what you get is "
    "fetched there."
)
_VIEWS: dict[str, Callable[[ModelRow], bool]] = {
    "All": lambda _row: True,
    "Here now": lambda row: row.usable,
    "Yours to sell": lambda row: row.entry.commercial_use,
}


class ModelsPage(QWidget):
    """Emits `wanted` with a model and an action, and `folder_chosen` with a folder to add.

    The cards are created when the page is first shown, so that the window opens faster.
    """

    wanted = Signal(str, str)
    folder_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.cards: dict[str, ModelCard] = {}
        self._rows: list[ModelRow] = []
        self._capacity: Capacity | None = None
        self._shown = False
        self._in_use = ""
        self._time = USUAL_TIME
        self._host = ""
        self.room = sentence("muted")
        self.where = sentence("muted")
        self.where.hide()
        self.add_button = SignButton("Add a folder…", "folder")
        self.view = Segments({name: name for name in _VIEWS}, "Models to show")
        self.view.chosen.connect(lambda _view: self._show())
        self._groups: dict[str, _Group] = {}
        self._scroll = QScrollArea()
        bar_px = self._scroll.verticalScrollBar().sizeHint().width()
        self._beside_px = bar_px + SCROLL_PX
        self._names = CardHeader(bar_px)
        self._lay_out()

    def show_rows(self, rows: list[ModelRow], room: Capacity | None) -> None:
        """Show these models, and the free disk space and memory."""
        self._rows, self._capacity = rows, room
        self.room.setText(
            ""
            if room is None
            else f"{gigabytes(room.disk_free)} free on disk · {gigabytes(room.memory)} of memory"
        )
        if self._shown:
            self._show()

    def show_row(self, row: ModelRow) -> None:
        """Update one model."""
        self._rows = [row if each.id == row.id else each for each in self._rows]
        if row.id in self.cards:
            self._show_row(row)

    def show_place(self, host: str) -> None:
        """Say whose models these are: those of another machine, or of this one if it is empty."""
        self._host = host
        self.where.setText(_ELSEWHERE.format(host=host))
        self.where.setVisible(bool(host))
        self.add_button.setVisible(not host)
        if HERE in self._groups:
            self._groups[HERE].heading.setText(_heading(HERE, host))

    def show_session(self, time: SessionTime) -> None:
        """Say how long takes of the session's length take."""
        self._time = time
        for card in self.cards.values():
            card.show_session(time)

    def show_in_use(self, model_id: str) -> None:
        """Mark the model that loops are asked from."""
        self._in_use = model_id
        for card in self.cards.values():
            card.show_in_use(in_use=card.row.id == model_id)

    def show_offer(self, model_id: str) -> None:
        """Scroll to a model; if it can be downloaded, show the question."""
        card = self.cards.get(model_id)
        if card is None:
            return
        if card.buttons["download"].isVisibleTo(card):
            card.ask_to_download()
        else:
            self._show_whole(card)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._host and _folder_in(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.folder_chosen.emit(_folder_in(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Of this page, since what is in it has its new width only later.
        self._names.setVisible(self.width() - self._beside_px >= NARROW_PX)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._show()

    def _show(self) -> None:
        if {row.id for row in self._rows} != set(self.cards):
            self._make_cards()
        for row in self._rows:
            self.cards[row.id].show_capacity(self._capacity)
            self._show_row(row)

    def _show_row(self, row: ModelRow) -> None:
        """Show a model in the group that it belongs to now."""
        card = self.cards[row.id]
        card.show_row(row)
        group = self._groups[group_of(row, self._capacity)]
        if card.parentWidget() is not group:
            group.add(card)
        card.setVisible(_VIEWS[str(self.view.key)](row))
        for each in self._groups.values():
            each.show_if_any()

    def _make_cards(self) -> None:
        """Rebuild all cards; models are rarely added or removed."""
        inside, place = QWidget(), self._scroll.verticalScrollBar().value()
        inside.setObjectName("middle")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, SCROLL_PX, 0)
        column.setSpacing(8)
        self.cards = {row.id: self._card(row) for row in self._rows}
        self._groups = {name: _Group(_heading(name, self._host)) for name in GROUPS}
        for group in self._groups.values():
            column.addWidget(group)
        column.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.verticalScrollBar().setValue(place)

    def _card(self, row: ModelRow) -> ModelCard:
        card = ModelCard(row)
        card.show_in_use(in_use=row.id == self._in_use)
        card.show_session(self._time)
        card.wanted.connect(self.wanted)
        # Wait for the new height: until then the lower half has no position.
        card.question_shown.connect(
            lambda: QTimer.singleShot(0, card, lambda: self._show_whole(card))
        )
        return card

    def _on_height(self) -> None:
        """Keep a question in view whose card has moved: what is above was laid out later."""
        for card in self.cards.values():
            if card.yes.isVisible():
                self._scroll.ensureWidgetVisible(card, 0, 8)

    def _show_whole(self, card: ModelCard) -> None:
        inside = self._scroll.widget()
        if inside is not None:
            inside.adjustSize()
        self._scroll.ensureWidgetVisible(card, 0, 8)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a model folder")
        if chosen:
            self.folder_chosen.emit(Path(chosen))

    def _lay_out(self) -> None:
        introduction = sentence("muted")
        introduction.setText(_INTRODUCTION)
        tip = (
            "Use a folder with MusicLDM, AudioLDM 2 or MusicGen in the published layout; "
            "you can also drop it here"
        )
        self.add_button.setToolTip(plain_tip(tip))
        self.add_button.clicked.connect(self._choose_folder)
        choices = QHBoxLayout()
        choices.addWidget(self.view)
        choices.addWidget(self.room, 1)
        choices.addWidget(self.add_button)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Models")
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(introduction)
        column.addWidget(self.where)
        column.addLayout(choices)
        column.addWidget(self._names)
        column.addWidget(hairline())
        column.addWidget(self._scroll, 1)


class _Group(QWidget):
    """The models under one heading, the smallest first."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.heading = label(name, "heading")
        self.heading.setContentsMargins(0, 8, 0, 0)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self.heading)

    def add(self, card: ModelCard) -> None:
        """Put a card where its size belongs."""
        size = card.row.entry.size_bytes
        before = sum(each.row.entry.size_bytes <= size for each in self._cards())
        self._column.insertWidget(1 + before, card)

    def show_if_any(self) -> None:
        """Show the group if one of its cards is shown."""
        self.setVisible(any(not card.isHidden() for card in self._cards()))

    def _cards(self) -> list[ModelCard]:
        # A card that moved on is no child any more.
        return self.findChildren(ModelCard, options=Qt.FindChildOption.FindDirectChildrenOnly)


def _heading(group: str, host: str) -> str:
    return f"On {host}" if group == HERE and host else group


def _folder_in(data: QMimeData) -> Path | None:
    places = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return next((place for place in places if place.is_dir()), None)
