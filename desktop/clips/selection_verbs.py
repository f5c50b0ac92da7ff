"""The buttons on the selected bars of a waveform."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget


class VerbsOnSelection(QWidget):
    """Buttons in the lower left of the selected bars."""

    _GAP_PX, _EDGE_PX = 4, 6

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(self._GAP_PX)
        self._at: tuple[tuple[float, float] | None, QSize] = None, QSize()
        self.hide()

    def offer(self, *buttons: QWidget) -> None:
        """Have these buttons."""
        for button in buttons:
            self._row.addWidget(button)
            button.show()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # as after a text has changed
            self.place(*self._at)
        return super().event(event)

    def place(self, selected: tuple[float, float] | None, size: QSize) -> None:
        """Stand on the selection, as far as it is on screen."""
        self._at = selected, size
        shown = selected is not None and selected[1] > 0 and selected[0] < size.width()
        self.setVisible(shown)
        if shown and selected is not None:
            self.adjustSize()
            most = size.width() - self.width() - self._EDGE_PX
            left = max(min(int(selected[0]) + self._EDGE_PX, most), self._EDGE_PX)
            self.move(left, size.height() - self.height() - self._EDGE_PX)
