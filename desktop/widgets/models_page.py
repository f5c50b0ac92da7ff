"""The page of models: a card for each, in groups, and where a folder of one's own is added."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.model_rows import ModelRow, group_of
from desktop.widgets.basics import label
from desktop.widgets.model_card import ModelCard
from engine.models.errors import gigabytes
from engine.models.needs import Room

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
        self.cards: dict[str, ModelCard] = {}
        self._rows: list[ModelRow] = []
        self._room: Room | None = None
        self._shown = False
        self.room = label("", "muted")
        self.add_button = QPushButton("Add a folder…")
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._scroll = QScrollArea()
        self._lay_out()

    def show_rows(self, rows: list[ModelRow], room: Room | None) -> None:
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
        self._inside.adjustSize()
        self._scroll.ensureWidgetVisible(card)

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
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None and widget not in self.cards.values():
                widget.deleteLater()
        kept, self.cards, group = self.cards, {}, ""
        for row in self._rows:
            if group_of(row) != group:
                group = group_of(row)
                heading = label(group, "heading")
                heading.setContentsMargins(0, 8, 0, 0)
                self._column.addWidget(heading)
            card = kept.pop(row.id, None) or self._card(row)
            self.cards[row.id] = card
            self._column.addWidget(card)
        self._column.addStretch(1)
        for card in kept.values():
            card.deleteLater()

    def _card(self, row: ModelRow) -> ModelCard:
        card = ModelCard(row)
        card.wanted.connect(self.wanted)
        return card

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose the folder of a model")
        if chosen:
            self.folder_chosen.emit(Path(chosen))

    def _lay_out(self) -> None:
        introduction = label(_INTRODUCTION, "muted")
        introduction.setWordWrap(True)
        self.add_button.setToolTip(
            "Use a folder of MusicLDM, AudioLDM 2 or MusicGen in the published layout as a model"
        )
        self.add_button.clicked.connect(self._choose_folder)
        foot = QHBoxLayout()
        foot.addWidget(self.room)
        foot.addStretch(1)
        foot.addWidget(self.add_button)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(8)
        self._scroll.setWidget(self._inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Models")
        self._inside.setObjectName("column")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(introduction)
        column.addLayout(foot)
        column.addWidget(self._scroll, 1)
