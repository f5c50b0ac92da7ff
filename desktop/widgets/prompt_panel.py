"""The left column: what to play, by which model, how many takes; and what is being made."""

import random

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.asking import Asking, Source
from desktop.models.model_rows import ModelRow
from desktop.widgets.basics import Chips, Choice, LabelledField, label
from desktop.widgets.model_field import ModelChoice, ModelNote
from desktop.widgets.source_field import SourceField
from engine.loops.request import HIGHEST_SEED, HIGHEST_TAKES
from engine.models.entry import ModelEntry


class PromptEdit(QPlainTextEdit):
    """Several lines of prompt; at its first and last line, Up and Down go through history."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(84)
        self.setPlaceholderText("What should it play? For example: dusty lo-fi drums, 84 bpm")
        self.setAccessibleName("Prompt")
        self.setToolTip("What to play. Ctrl+Enter generates, Ctrl+Up brings earlier prompts")
        self.history: list[str] = []
        self._place = -1

    def remember(self, prompt: str) -> None:
        """Put a prompt in front of the history."""
        self.history = [prompt, *(each for each in self.history if each != prompt)][:100]
        self._place = -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def _go(self, steps: int) -> None:
        place = self._place + steps
        if 0 <= place < len(self.history):
            self._place = place
            self.setPlainText(self.history[place])
        elif place < 0:
            self._place = -1
            self.clear()


class PromptPanel(QWidget):
    """Tells by `generate_clicked` that what `asking` returns is wanted.

    `source` is what the next loop is made of: a verb or a drop sets it, the cross beside it or
    `None` clears it, and `asking` includes it.
    """

    generate_clicked = Signal()

    def __init__(self, models: tuple[ModelEntry, ...], takes: int, history: list[str]) -> None:
        super().__init__()
        self.prompt = PromptEdit()
        self.prompt.history = list(history)
        self.chips = Chips()
        self.negative = QLineEdit()
        self.negative.setPlaceholderText("not: low quality, vocals")
        self.negative.setAccessibleName("Negative prompt")
        self.negative.setToolTip("What it shall not sound like")
        self.model = ModelChoice()
        self.takes = Choice(right=True)
        self.about_model = ModelNote()
        self.seed = QLineEdit()
        self.lock = QToolButton()
        self.source_field = SourceField()
        self.generate = QPushButton("Generate   Ctrl+↵")
        self._fill(models, takes)
        self._lay_out()
        self.prompt.installEventFilter(self)

    def asking(self) -> Asking:
        """Return what the panel holds."""
        text = self.seed.text().strip()
        return Asking(
            prompt=self.prompt.toPlainText().strip(),
            negative=self.negative.text(),
            model=self.model.currentData(),
            takes=self.takes.currentData(),
            seed=int(text) if self.lock.isChecked() and text.isdecimal() else None,
            source=self.source,
        )

    @property
    def source(self) -> Source | None:
        """What the next loop is made of; None for the prompt alone."""
        return self.source_field.source

    @source.setter
    def source(self, source: Source | None) -> None:
        self.source_field.set_source(source)

    def show_models(self, rows: list[ModelRow]) -> None:
        """Show which models there are, and how each of them is."""
        self.model.show_rows(rows)
        self.about_model.show_row(self.model.row)

    def show_seed(self, seed: int) -> None:
        """Show the seed of what was made last, so that it can be locked."""
        if not self.lock.isChecked():
            self.seed.setText(str(seed))

    def fill(self, prompt: str, seed: int | None = None) -> None:
        """Put a prompt into the panel, as if it were typed."""
        self.prompt.setPlainText(prompt)
        if seed is not None:
            self.seed.setText(str(seed))
            self.lock.setChecked(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter generates, as people expect of a prompt; Shift+Enter begins a new line."""
        if watched is self.prompt and isinstance(event, QKeyEvent):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.type() == QEvent.Type.KeyPress and is_enter and not shift:
                self.generate_clicked.emit()
                return True
        return super().eventFilter(watched, event)

    def _fill(self, models: tuple[ModelEntry, ...], takes: int) -> None:
        self.show_models([ModelRow(entry=entry) for entry in models])
        self.model.currentIndexChanged.connect(lambda: self.about_model.show_row(self.model.row))
        for number in range(1, HIGHEST_TAKES + 1):
            self.takes.addItem(str(number), number)
        self.takes.setCurrentIndex(takes - 1)
        self.seed.setPlaceholderText("random")
        self.seed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.seed.setMaxLength(10)
        self.seed.textEdited.connect(lambda text: self.lock.setChecked(bool(text)))
        self.lock.setText("lock")
        self.lock.setObjectName("quiet")
        self.lock.setCheckable(True)
        self.lock.setAccessibleName("Lock the seed")
        self.lock.setToolTip("Keep this seed: the same prompt then makes the same loop again")
        self.generate.setObjectName("act")
        self.generate.setToolTip("Generate (Ctrl+Enter, or Enter in the prompt)")
        self.generate.clicked.connect(self.generate_clicked)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(10)
        for widget in (label("Prompt", "heading"), self.prompt, self.chips, self.negative):
            column.addWidget(widget)
        fields = QGridLayout()
        fields.setSpacing(8)
        model = LabelledField("model", self.model, "Which model plays")
        takes = LabelledField("takes", self.takes, "How many candidates, 1-16")
        tip = "The same seed makes the same loop: 0-2147483647; empty is random"
        seed = LabelledField("seed", self.seed, tip, self._dice(), self.lock)
        fields.addWidget(model, 0, 0)
        fields.addWidget(takes, 0, 1)
        fields.addWidget(seed, 1, 0, 1, 2)
        fields.addWidget(self.source_field, 2, 0, 1, 2)
        fields.setColumnStretch(0, 5)
        fields.setColumnStretch(1, 3)
        column.addLayout(fields)
        column.addWidget(self.about_model)
        column.addWidget(self.generate)

    def _dice(self) -> QToolButton:
        dice = QToolButton()
        dice.setText("dice")
        dice.setObjectName("quiet")
        dice.setAccessibleName("Roll a new seed")
        dice.setToolTip("Roll a new seed, and keep it")
        dice.clicked.connect(self._roll)
        return dice

    def _roll(self) -> None:
        self.seed.setText(str(random.randint(0, HIGHEST_SEED)))  # noqa: S311 - music, no secret
        self.lock.setChecked(True)
