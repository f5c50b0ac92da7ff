"""What stands where there are no clips yet: it teaches by an example that works at a click."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.asking import EXAMPLES
from desktop.widgets.basics import label


class EmptyState(QWidget):
    """Tells by `example_clicked` which prompt to make."""

    example_clicked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        self.title = label("No loops here yet", "title")
        how = label("Type what to play and press Enter, or try one of these.", "muted")
        model = label("The built-in model sketch needs no download.", "muted")
        for widget in (self.title, how, model):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        self.examples = [self._example(text) for text in EXAMPLES]
        for button in self.examples:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def _example(self, prompt: str) -> QPushButton:
        button = QPushButton(prompt)
        button.setMinimumWidth(330)
        button.setToolTip("Make this loop")
        button.clicked.connect(lambda: self.example_clicked.emit(prompt))
        return button
