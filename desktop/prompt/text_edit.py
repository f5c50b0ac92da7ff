"""The prompt editor: several lines, a history, and suggestions below the text."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.prompt.suggestions import Suggester, Suggestion
from desktop.widgets.basics import hairline, repolish
from desktop.widgets.chips import Chips
from desktop.widgets.plain import plain_caption, plain_tip

_HEIGHT = 144
_MOST = 5
_MOST_CHARACTERS = 34
_STAYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)
"""Reasons for losing the focus that keep the suggestions visible."""


class PromptEdit(QPlainTextEdit):
    """A multi-line prompt; Ctrl+Up and Ctrl+Down go through the history.

    Enter emits `entered`; Shift+Enter starts a new line.
    """

    entered = Signal()
    accept_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlaceholderText("What should it play? Dusty lo-fi drums, 84 bpm")
        self.setAccessibleName("Prompt")
        tip = (
            "What to play. Enter generates, Ctrl+Up shows earlier prompts, "
            "Ctrl+Space accepts the first suggestion"
        )
        self.setToolTip(plain_tip(tip))
        self.history: list[str] = []
        self._place = -1

    def remember(self, prompt: str) -> None:
        """Add a prompt to the front of the history."""
        self.history = [prompt, *(each for each in self.history if each != prompt)][:100]
        self._place = -1

    def put(self, text: str) -> None:
        """Replace the prompt, so that Ctrl+Z brings the old one back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have room for whole lines: of a long prompt, the first one in view is not cut."""
        super().resizeEvent(event)
        margins = self.viewportMargins()
        room = self.viewport().height() + margins.bottom()
        rest = room % self.fontMetrics().lineSpacing()
        if rest != margins.bottom():
            self.setViewportMargins(0, 0, 0, rest)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Hide the lowest pixels of the line before the first one in view."""
        super().paintEvent(event)
        if self.verticalScrollBar().value():
            painter = QPainter(self.viewport())
            painter.fillRect(0, 0, self.viewport().width(), 1, QApplication.palette().base())
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if control and event.key() in (keys.Key_Up, keys.Key_Down):
            self._go(1 if event.key() == keys.Key_Up else -1)
        elif control and event.key() == keys.Key_Space:
            self.accept_wanted.emit()
        elif event.key() in (keys.Key_Return, keys.Key_Enter) and not shift:
            self.entered.emit()
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


class SuggestionRow(QWidget):
    """A line of as many suggestions as fit; emits `picked` with the text of one."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("suggestions")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: list[Suggestion] = []
        self.buttons = [self._button(place) for place in range(_MOST)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in self.buttons:
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)

    def show_suggestions(self, suggestions: list[Suggestion]) -> None:
        """Replace the suggestions; without any, the row is hidden."""
        self._shown = suggestions
        self.setVisible(bool(suggestions))
        self._fit()

    @property
    def first(self) -> str | None:
        """The text of the first suggestion."""
        return self._shown[0].text if self._shown else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        left = self.width() - 8
        for place, button in enumerate(self.buttons):
            there = place < len(self._shown)
            if there:
                text = self._shown[place].shown
                short = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
                button.setText(plain_caption(short))
                button.setAccessibleName(f"Suggestion: {text}")
                button.setToolTip(plain_tip(text if short != text else "Insert into the prompt"))
                left -= button.sizeHint().width() + 2
            button.setVisible(there and (left >= 0 or place == 0))

    def _button(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setObjectName("suggestion")
        button.setVisible(False)
        button.clicked.connect(lambda: self.picked.emit(self._shown[place].text))
        return button


class PromptBox(QFrame):
    """The prompt editor, and below it what was understood of the last prompt, or suggestions.

    Suggestions show while the prompt is typed, in the room of the words, so that nothing moves.
    """

    def __init__(self, make_suggester: Callable[[], Suggester]) -> None:
        """Create the box; `make_suggester` is called when suggestions are first needed."""
        super().__init__()
        self.setObjectName("prompt")
        self.setFixedHeight(_HEIGHT)
        self._make_suggester = make_suggester
        self._suggester: Suggester | None = None
        self.edit = PromptEdit()
        self.row = SuggestionRow()
        self.chips = Chips()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.edit, 1)
        column.addWidget(hairline())
        below = QVBoxLayout()
        below.setContentsMargins(7, 6, 7, 5)
        below.addWidget(self.chips)
        column.addLayout(below)
        self.chips.cover_with(self.row)
        self.edit.textChanged.connect(self.chips.forget)
        self.edit.textChanged.connect(self._suggest)
        self.edit.cursorPositionChanged.connect(self._suggest)
        self.edit.accept_wanted.connect(self._accept_first)
        self.row.picked.connect(self._take)
        for part in (self.edit, *self.row.buttons):
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            self.setProperty("focused", event.gotFocus())
            repolish(self)
            if event.gotFocus() and watched is self.edit:
                self._suggest()
            elif event.lostFocus() and event.reason() not in _STAYS:
                self.row.show_suggestions([])
        return super().eventFilter(watched, event)

    def _suggest(self) -> None:
        if not self.edit.hasFocus():
            return
        cursor = self.edit.textCursor()
        if not cursor.atEnd() or cursor.hasSelection():
            self.row.show_suggestions([])
            return
        if self._suggester is None:
            self._suggester = self._make_suggester()
        found = self._suggester.suggest(self.edit.toPlainText(), self.edit.history)
        self.row.show_suggestions(found)

    def _accept_first(self) -> None:
        if self.row.first is not None:
            self._take(self.row.first)

    def _take(self, text: str) -> None:
        self.edit.put(text)
