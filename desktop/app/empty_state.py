"""The page for a project without clips: example prompts, models and DAWs to connect."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from desktop.library.rows import READY, ModelRow
from desktop.prompt.form import EXAMPLES
from desktop.widgets.basics import label, sentence
from desktop.widgets.plain import plain_tip
from engine.models.errors import gigabytes

OFFERED = ("musicldm", "audioldm2-music", "musicgen-small")
"""One model of each family."""
_WIDTH, _EXAMPLE_WIDTH = 520, 360
_SKETCH = (
    "Drums, bass, chords, leads and textures in any style, composed by rules. It understands "
    "musical terms rather than sentences, and needs no download and no GPU. Its loops are yours."
)


class _Example(QPushButton):
    """A button that elides its text if it is too narrow."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = self.style().subElementRect(part, option, self).width()
        elide = Qt.TextElideMode.ElideRight
        option.text = self.fontMetrics().elidedText(option.text, elide, room)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class EmptyState(QScrollArea):
    """Emits which example to generate, and requests for the Models page and the DAW page."""

    example_clicked = Signal(str)
    models_clicked = Signal()
    daw_clicked = Signal()
    daw_closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", "welcome")
        self.how = sentence("muted")
        self.examples = [self._example(text) for text in EXAMPLES]
        self.models_button = QPushButton("Show all models")
        self.models_button.setToolTip("Licence, size and requirements of every model (Ctrl+M)")
        self.models_button.clicked.connect(self.models_clicked)
        self._models = QGridLayout()
        self.models_card = self._models_card()
        self.daw_text = sentence()
        self.daw_card = self._daw_card()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._inside())
        self.show_missing(missing=False)

    def show_missing(self, *, missing: bool) -> None:
        """Show that the project folder cannot be read, or that it has no clips yet."""
        self.title.setText("The project folder is missing" if missing else "No loops yet")
        self.how.setText(
            "Its loops appear as soon as it is back. Or choose another folder (Ctrl+O)."
            if missing
            else "Type what to play and press Enter, or try one of these:"
        )
        for button in self.examples:
            button.setVisible(not missing)

    def show_models(self, rows: list[ModelRow]) -> None:
        """Show models to download, unless one is already downloaded."""
        offered = [row for row in rows if row.id in OFFERED]
        self.models_card.setVisible(bool(offered) and not any(row.state == READY for row in rows))
        if self._models.count() == 0:
            for line, row in enumerate(offered):
                self._add_model(line, row)

    def show_daws(self, names: list[str]) -> None:
        """Offer to connect the DAWs that were found on this machine."""
        self.daw_card.setVisible(bool(names))
        found = " and ".join(names)
        verb = "is" if len(names) == 1 else "are"
        self.daw_text.setText(
            f"{found} {verb} on this computer. Connect to take tempo and key from the DAW and to "
            "send loops to it."
        )

    def _add_model(self, line: int, row: ModelRow) -> None:
        entry = row.entry
        about = sentence("muted")
        about.setText(entry.good_for[:1].upper() + entry.good_for[1:])
        size = label(gigabytes(entry.size_bytes), "muted")
        badge = label("NC", "badge")
        badge.setToolTip(plain_tip(f"Licence: {entry.licence}"))
        badge.setVisible(not entry.commercial_use)
        self._models.addWidget(label(entry.name), line, 0)
        self._models.addWidget(about, line, 1)
        self._models.addWidget(size, line, 2, Qt.AlignmentFlag.AlignRight)
        self._models.addWidget(badge, line, 3, Qt.AlignmentFlag.AlignVCenter)

    def _models_card(self) -> QFrame:
        self._models.setHorizontalSpacing(12)
        self._models.setVerticalSpacing(6)
        self._models.setColumnStretch(1, 1)
        note = sentence("caption")
        note.setText("NC: not for commercial use; this also applies to the clips.")
        card, column = _card("Models to download")
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.models_button)
        foot.addWidget(note, 1)
        column.addLayout(self._models)
        column.addLayout(foot)
        card.setVisible(False)
        return card

    def _daw_card(self) -> QFrame:
        connect = QPushButton("Connect")
        connect.setToolTip("Open the DAW page to install and test the connection")
        connect.clicked.connect(self.daw_clicked)
        later = QPushButton("Not now")
        later.setObjectName("quiet")
        later.setToolTip("Hide this; the DAW page stays available")
        later.clicked.connect(self.daw_closed)
        card, column = _card("Your DAW")
        row = QHBoxLayout()
        row.addWidget(connect)
        row.addWidget(later)
        row.addStretch(1)
        column.addWidget(self.daw_text)
        column.addLayout(row)
        card.setVisible(False)
        self.daw_buttons = (connect, later)
        return card

    def _inside(self) -> QWidget:
        sketch, column = _card("Built in: sketch")
        about = sentence("muted")
        about.setText(_SKETCH)
        column.addWidget(about)
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addStretch(2)
        for line in (self.title, self.how):
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            middle.addWidget(line)
        middle.addSpacing(8)
        examples = QVBoxLayout()
        examples.setSpacing(8)
        for button in self.examples:
            examples.addWidget(button)
        examples_row = QHBoxLayout()
        examples_row.addStretch(1)
        examples_row.addLayout(examples, 100)
        examples_row.addStretch(1)
        middle.addLayout(examples_row)
        middle.addSpacing(16)
        for card in (self.daw_card, sketch, self.models_card):
            middle.addWidget(card)
        middle.addStretch(3)
        narrow = QWidget()
        narrow.setLayout(middle)
        narrow.setMaximumWidth(_WIDTH)
        inside = QWidget()
        inside.setObjectName("middle")
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(narrow, 100)
        row.addStretch(1)
        return inside

    def _example(self, prompt: str) -> QPushButton:
        button = _Example(prompt)
        button.setMaximumWidth(_EXAMPLE_WIDTH)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setToolTip(plain_tip(f"Generate: {prompt}"))
        button.clicked.connect(lambda: self.example_clicked.emit(prompt))
        return button


def _card(heading: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 10, 14, 12)
    column.setSpacing(8)
    column.addWidget(label(heading, "heading"))
    return card, column
