"""The page for a project without clips: how it works, examples, and DAWs to connect."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.clips.role_sign import RoleSign
from desktop.prompt.form import EXAMPLES
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import MARGIN_PX
from desktop.theme.typeface import STRONG, text_font
from desktop.widgets.basics import label, sentence
from desktop.widgets.plain import plain_tip

_WIDTH, _WIDE_PX = 720, 560
_KINDS = (("A beat", "drums"), ("Harmony", "chords"), ("Low end", "bass"))
"""What each of the examples is, and its role."""
_STEPS = (
    ("Ask", "Words on the left become loops of exact length."),
    ("Choose", "They appear here. Arrows move on without losing the beat."),
    ("Play", "Stack them in Layers, strike pads, drag into your DAW."),
)


class _Example(QPushButton):
    """A card that makes one example when it is pressed."""

    def __init__(self, colours: Colours, prompt: str, kind: str, role: str) -> None:
        super().__init__()
        self.setObjectName("example")
        words, *facts = prompt.split(", ")
        sign = RoleSign(colours)
        sign.show_role(role)
        title, about = sentence(), sentence("caption")
        title.setText(words)
        title.setFont(text_font(weight=STRONG))
        about.setText(", ".join(facts))
        head = QHBoxLayout()
        head.addWidget(sign)
        head.addWidget(label(kind, "caption"))
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(title)
        column.addWidget(about)
        column.addStretch(1)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(f"Generate: {prompt}")
        self.setToolTip(plain_tip(f"Generate: {prompt}"))

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return super().sizeHint() if layout is None else layout.sizeHint()


class EmptyState(QScrollArea):
    """Emits which example to generate, and requests for the Models page and the DAW page."""

    example_clicked = Signal(str)
    models_clicked = Signal()
    daw_clicked = Signal()
    daw_closed = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.title = label("", "welcome")
        self.how = sentence("muted")
        self.examples = [
            _Example(colours, prompt, *kind) for prompt, kind in zip(EXAMPLES, _KINDS, strict=True)
        ]
        for button, prompt in zip(self.examples, EXAMPLES, strict=True):
            button.clicked.connect(
                lambda _checked=False, prompt=prompt: self.example_clicked.emit(prompt)
            )
        self.models_button = QPushButton("More models")
        self.models_button.setObjectName("quiet")
        self.models_button.setToolTip("Licence, size and requirements of every model (Ctrl+M)")
        self.models_button.clicked.connect(self.models_clicked)
        self._beginning = QWidget()
        self._rows = [QBoxLayout(QBoxLayout.Direction.LeftToRight) for _ in range(2)]
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
        self.title.setText("The project folder is missing" if missing else "Make your first loop")
        self.how.setText(
            "Its loops appear as soon as it is back. Or choose another folder (Ctrl+O)."
            if missing
            else "Say what it should play and press Generate. Or start with one of these: one "
            "click makes it."
        )
        self._beginning.setVisible(not missing)

    def show_daws(self, names: list[str]) -> None:
        """Offer to connect the DAWs that were found on this machine."""
        self.daw_card.setVisible(bool(names))
        found = " and ".join(names)
        verb = "is" if len(names) == 1 else "are"
        self.daw_text.setText(
            f"{found} {verb} on this computer. Connect to take tempo and key from the DAW and to "
            "send loops to it."
        )

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        narrow = self.width() < _WIDE_PX
        for row in self._rows:
            row.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)

    def _inside(self) -> QWidget:
        self._fill_beginning()
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addStretch(2)
        for part in (self.title, self.how):
            middle.addWidget(part)
        middle.addSpacing(12)
        middle.addWidget(self._beginning)
        middle.addWidget(self.daw_card)
        middle.addStretch(3)
        narrow = QWidget()
        narrow.setLayout(middle)
        narrow.setMaximumWidth(_WIDTH)
        inside = QWidget()
        inside.setObjectName("middle")
        row = QHBoxLayout(inside)
        row.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        row.addStretch(1)
        row.addWidget(narrow, 100)
        row.addStretch(1)
        return inside

    def _fill_beginning(self) -> None:
        """Fill what a project without loops shows, unless its folder is missing."""
        column = QVBoxLayout(self._beginning)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        examples, steps = self._rows
        examples.setSpacing(12)
        steps.setSpacing(12)
        for button in self.examples:
            examples.addWidget(button, 1)
        for number, (name, text) in enumerate(_STEPS, 1):
            steps.addLayout(_step(number, name, text), 1)
        drop = QFrame()
        drop.setObjectName("field")
        drop.setProperty("kind", "drop")
        drop.setFixedHeight(56)
        inside = QHBoxLayout(drop)
        inside.addWidget(label("Or drop a sound here, and work from that", "muted"),
                         0, Qt.AlignmentFlag.AlignCenter)  # fmt: skip
        foot = QHBoxLayout()
        foot.addWidget(label("Nothing is downloaded: Sketch is built in.", "muted"))
        foot.addWidget(self.models_button)
        foot.addStretch(1)
        column.addLayout(examples)
        column.addWidget(drop)
        column.addLayout(steps)
        column.addLayout(foot)


def _step(number: int, name: str, text: str) -> QHBoxLayout:
    row, column = QHBoxLayout(), QVBoxLayout()
    about = sentence("caption")
    about.setText(text)
    row.setSpacing(10)
    row.addWidget(label(str(number), "key"), 0, Qt.AlignmentFlag.AlignTop)
    column.setSpacing(2)
    column.addWidget(label(name, "heading"))
    column.addWidget(about)
    column.addStretch(1)
    row.addLayout(column, 1)
    return row


def _card(heading: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 10, 14, 12)
    column.setSpacing(8)
    column.addWidget(label(heading, "heading"))
    return card, column
