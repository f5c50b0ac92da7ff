"""The menu of `Blend with…`: how much of the other clip, and which."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QWidget, QWidgetAction

from desktop.models.rows import ClipRow
from desktop.widgets.basics import label

_HINT = "Another: select both in the list first"


class BlendMenu(QMenu):
    """Tells by `picked` which clip to blend with; `amount` is how much of it is heard, 0..1."""

    picked = Signal(object)

    def __init__(self, amount: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(5, 95)
        self.slider.setSingleStep(5)
        self.slider.setFixedWidth(120)
        self.slider.setValue(round(amount * 100))
        self.slider.setAccessibleName("How much of the other clip")
        self.slider.setToolTip("How much of the other clip is heard")
        self._told = label("")
        self.slider.valueChanged.connect(self._tell)
        self._tell(self.slider.value())
        self._head = QWidgetAction(self)
        self._head.setDefaultWidget(self._amount_row())

    @property
    def amount(self) -> float:
        """How much of the other clip is heard, 0..1."""
        return self.slider.value() / 100

    def offer(self, rows: Sequence[ClipRow]) -> None:
        """Show these clips to choose from, in place of those before."""
        self.clear()
        self.addAction(self._head)
        self.addSeparator()
        for row in rows:
            facts = " · ".join(part for part in (f"{row.bpm_text} bpm", row.key) if part)
            # An ampersand in a title is no mark of a key.
            title = row.shown_title.replace("&", "&&")
            action = self.addAction(f"{title[:60]}\t{facts}")
            action.triggered.connect(lambda _checked=False, row=row: self.picked.emit(row))
        self.addAction(_HINT).setEnabled(False)

    def _tell(self, percent: int) -> None:
        self._told.setText(f"{percent} % of")

    def _amount_row(self) -> QWidget:
        row = QWidget()
        inside = QHBoxLayout(row)
        inside.setContentsMargins(12, 6, 12, 6)
        inside.addWidget(self.slider)
        inside.addWidget(self._told)
        inside.addStretch(1)
        return row
