"""Chips for the words of a prompt: those that were not understood, then those that were."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from desktop.widgets.basics import label
from desktop.widgets.plain import plain_caption, plain_tip

_ROWS, _ROW_PX, _GAP_PX = 2, 24, 4
_KINDS = {"understood": "understood", "ignored": "not understood, ignored"}


class Chips(QWidget):
    """Two rows of chips in reserved room; words without room are counted in a last chip: `+2`.

    What was not understood stands first, so that it is never among these. The last chip opens the
    list of all words.
    """

    def __init__(self) -> None:
        super().__init__()
        self._chips: list[QLabel] = []
        self._further = QPushButton(self)
        self._further.setProperty("kind", "further")
        self._further.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the prompt its own
        self._further.clicked.connect(self._open_list)
        self._further.hide()
        self._cover: QWidget | None = None
        self.setFixedHeight(_ROWS * _ROW_PX + (_ROWS - 1) * _GAP_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_words(self, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        """Replace the chips."""
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [
            *(self._chip(word, "ignored") for word in ignored),
            *(self._chip(word, "understood") for word in understood),
        ]
        self._place()

    def forget(self) -> None:
        """Show no words: they are of a prompt that has changed."""
        if self._chips:
            self.show_words((), ())

    def cover_with(self, cover: QWidget) -> None:
        """Have a widget in the room of the chips, which are hidden while it is shown."""
        self._cover = cover
        cover.setParent(self)
        cover.hide()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The words on the chips, each with its kind."""
        return [(chip.property("word"), chip.property("kind")) for chip in self._chips]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._cover is not None:
            self._cover.resize(self.size())
        self._place()

    def _chip(self, word: str, kind: str) -> QLabel:
        chip = label(word, kind, self)
        chip.setProperty("word", word)
        chip.setToolTip(plain_tip(_said(word, kind)))
        chip.setAccessibleName(f"{word}, {_KINDS[kind]}")
        return chip

    def _open_list(self) -> None:
        """Show all words, with what became of each."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for word, kind in self.words:
            menu.addAction(plain_caption(_said(word, kind)))
        menu.popup(self._further.mapToGlobal(self._further.rect().bottomLeft()))

    def _place(self) -> None:
        """Place as many chips as there is room for, and then how many more there are."""
        place = QPoint(0, 0)
        widths = [self._fitted(chip) for chip in self._chips]
        fitting = _flow(widths, self.width())
        if len(fitting) < len(self._chips):
            self._further.setText(f"+{len(self._chips)}")
            for count in range(len(fitting), -1, -1):
                fitting = _flow([*widths[:count], self._further.sizeHint().width()], self.width())
                if len(fitting) == count + 1:
                    break
            place = fitting.pop()
            left_out = self._chips[len(fitting) :]
            self._further.setText(f"+{len(left_out)}")
            left = [(chip.property("word"), chip.property("kind")) for chip in left_out]
            tip = "\n".join(_said(word, kind) for word, kind in left)
            self._further.setToolTip(plain_tip(tip))
            self._further.setAccessibleName(f"{len(left)} more words of the prompt")
            self._further.move(place)
            self._further.adjustSize()
        self._further.setVisible(len(fitting) < len(self._chips))
        for number, chip in enumerate(self._chips):
            chip.setVisible(number < len(fitting))
            if number < len(fitting):
                chip.adjustSize()
                chip.move(fitting[number])
        if self._cover is not None:
            self._cover.raise_()

    def _fitted(self, chip: QLabel) -> int:
        """Cut a word that is longer than a row, and return the chip's width."""
        word = chip.property("word")
        chip.setText(word)
        width = chip.sizeHint().width()
        if self.width() < width:
            room = self.width() - (width - chip.fontMetrics().horizontalAdvance(word))
            chip.setText(chip.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, room))
            width = min(chip.sizeHint().width(), self.width())
        return width


def _said(word: str, kind: str) -> str:
    return f"{word}: {_KINDS[kind]}"


def _flow(widths: list[int], room: int) -> list[QPoint]:
    """Return the places of the first chips, as many as two rows have room for."""
    places: list[QPoint] = []
    x, row = 0, 0
    for width in widths:
        if x and x + width > room:
            x, row = 0, row + 1
        if row == _ROWS or width > room:
            break
        places.append(QPoint(x, row * (_ROW_PX + _GAP_PX)))
        x += width + _GAP_PX
    return places
