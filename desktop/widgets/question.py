"""A question over the window, which must be answered before anything else happens."""

from collections.abc import Sequence

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.widgets.basics import sentence
from desktop.widgets.buttons import SignButton
from desktop.widgets.sheet import Sheet

_WIDTH_PX = 440


class Question(Sheet):
    """Shows a text, and a button for each answer.

    The first answer loses nothing: it has the keyboard, and Esc means it, too.
    """

    def __init__(self, window: QWidget, text: str, answers: Sequence[str], further: str) -> None:
        super().__init__(window, "Question", _WIDTH_PX)
        self.text = sentence()
        self.text.setText(text)
        self.further = sentence("muted")
        self.further.setText(further)
        self.further.setVisible(bool(further))
        self.buttons = {answer: SignButton(answer) for answer in answers}
        self.answer = answers[0]
        self.main = self.buttons[self.answer]
        self.main.setObjectName("accent")
        self._loop = QEventLoop()
        foot = QHBoxLayout()
        foot.addStretch(1)
        for answer, button in reversed(self.buttons.items()):
            button.clicked.connect(lambda _checked=False, answer=answer: self._end(answer))
            foot.addWidget(button)
        for part in (self.text, self.further):
            self.column.addWidget(part)
        self.column.addSpacing(4)
        self.column.addLayout(foot)

    def run(self) -> str:
        """Ask, and return the answer; the window goes on, but takes no other input."""
        self.open_with(self.buttons[self.answer])
        self._loop.exec()
        return self.answer

    def dismiss(self) -> None:
        """Close it."""
        self._loop.quit()
        super().dismiss()

    def _end(self, answer: str) -> None:
        self.answer = answer
        self.dismiss()


def ask(window: QWidget, text: str, answers: Sequence[str], further: str = "") -> str:
    """Ask a question over a window, and return the answer.

    Args:
        window: what the question covers; it is brought to the front.
        text: the question.
        answers: what the buttons say; the first loses nothing, and is the answer to Esc, and to
            any question while another one is open.
        further: more about it, muted.
    """
    if any(each.isVisible() for each in window.findChildren(Question)):
        return answers[0]
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    question = Question(window, text, answers, further)
    try:
        return question.run()
    finally:
        question.deleteLater()
