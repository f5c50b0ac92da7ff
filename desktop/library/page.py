"""The page of models: a card for each, in groups, and where a folder of one's own is added."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.library.card import ModelCard
from desktop.library.rows import ModelRow, group_of
from desktop.widgets.basics import label, sentence
from engine.models.errors import gigabytes
from engine.models.needs import Capacity

_INTRODUCTION = (
    "Models are fetched once, checked, and then work without a network. Their licences hold for "
    "the clips that are made with them."
)


class ModelsPage(QWidget):
    """Tells by `wanted` what shall be done with which model, by `folder_chosen` what to add.

    The cards are made when the page is shown first: the window opens without waiting for them.
    """

    wanted = Signal(str, str)
    folder_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.cards: dict[str, ModelCard] = {}
        self._rows: list[ModelRow] = []
        self._room: Capacity | None = None
        self._shown = False
        self.room = sentence("muted")
        self.add_button = QPushButton("Add a folder…")
        self._scroll = QScrollArea()
        self._lay_out()

    def show_rows(self, rows: list[ModelRow], room: Capacity | None) -> None:
        """Show these models, and how much room there is."""
        self._rows, self._room = rows, room
        if room is not None:
            self.room.setText(
                f"{gigabytes(room.disk_free)} free on the disk · {gigabytes(room.memory)} of memory"
            )
        if self._shown:
            self._show()

    def show_row(self, row: ModelRow) -> None:
        """Show one model as it is now."""
        self._rows = [row if each.id == row.id else each for each in self._rows]
        if row.id in self.cards:
            self.cards[row.id].show_row(row)

    def show_offer(self, model_id: str) -> None:
        """Bring a model into view; where it is not here, with what begins its download."""
        card = self.cards.get(model_id)
        if card is None:
            return
        if card.buttons["download"].isVisibleTo(card):
            card.ask_to_download()
        else:
            self._show_whole(card)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _folder_in(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.folder_chosen.emit(_folder_in(event.mimeData()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._show()

    def _show(self) -> None:
        if [row.id for row in self._rows] != list(self.cards):
            self._make_cards()
        for row in self._rows:
            self.cards[row.id].show_room(self._room)
            self.cards[row.id].show_row(row)

    def _make_cards(self) -> None:
        """Make all cards anew: models come and go seldom."""
        inside, place, group = QWidget(), self._scroll.verticalScrollBar().value(), ""
        inside.setObjectName("column")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        self.cards = {row.id: self._card(row) for row in self._rows}
        for row in self._rows:
            if group_of(row) != group:
                group = group_of(row)
                heading = label(group, "heading")
                heading.setContentsMargins(0, 8, 0, 0)
                column.addWidget(heading)
            column.addWidget(self.cards[row.id])
        column.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.verticalScrollBar().setValue(place)

    def _card(self, row: ModelRow) -> ModelCard:
        card = ModelCard(row)
        card.wanted.connect(self.wanted)
        # When it has its new height: until then its lower half lies nowhere.
        card.asking.connect(lambda: QTimer.singleShot(0, card, lambda: self._show_whole(card)))
        return card

    def _show_whole(self, card: ModelCard) -> None:
        inside = self._scroll.widget()
        if inside is not None:
            inside.adjustSize()
        self._scroll.ensureWidgetVisible(card, 0, 8)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose the folder of a model")
        if chosen:
            self.folder_chosen.emit(Path(chosen))

    def _lay_out(self) -> None:
        introduction = sentence("muted")
        introduction.setText(_INTRODUCTION)
        self.add_button.setToolTip(
            "Use a folder of MusicLDM, AudioLDM 2 or MusicGen in the published layout as a model; "
            "it can be dropped here, too"
        )
        self.add_button.clicked.connect(self._choose_folder)
        foot = QHBoxLayout()
        foot.addWidget(self.room, 1)
        foot.addWidget(self.add_button)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Models")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(introduction)
        column.addLayout(foot)
        column.addWidget(self._scroll, 1)


def _folder_in(data: QMimeData) -> Path | None:
    places = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return next((place for place in places if place.is_dir()), None)
