"""The row of verbs below the waveform; those without room are in the menu of its last button."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop.theme.stylesheet import CONTROL_PX, GAP_PX
from desktop.widgets.buttons import SignButton

Verb = SignButton | tuple[SignButton, SignButton]
"""A button, or one with a second that chooses its amount."""


class VerbRow(QWidget):
    """Shows as many verbs as there is room for, in order; the menu has the rest."""

    def __init__(
        self,
        verbs: Sequence[Verb],
        always_in_menu: Sequence[SignButton],
        right: Sequence[SignButton],
    ) -> None:
        super().__init__()
        self._cells = [_cell(verb) for verb in verbs]
        self._verbs = [verb[0] if isinstance(verb, tuple) else verb for verb in verbs]
        self._always_in_menu = list(always_in_menu)
        self._right = list(right)
        self.more = SignButton("", "more", "More that can be made of this loop")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        for cell in self._cells:
            row.addWidget(cell)
        row.addWidget(self.more)
        row.addStretch(1)
        for button in right:
            row.addWidget(button)
        for button in self._always_in_menu:
            button.setParent(self)
            button.hide()
        self.more.clicked.connect(self._offer)

    def sizeHint(self) -> QSize:
        return QSize(200, CONTROL_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Show what there is room for."""
        shown = [button for button in self._right if not button.isHidden()]
        right = sum(button.sizeHint().width() + GAP_PX for button in shown)
        left = self.width() - self.more.width() - right
        for cell in self._cells:
            left -= cell.sizeHint().width() + GAP_PX
            cell.setVisible(left >= 0)

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        hidden = [
            verb for verb, cell in zip(self._verbs, self._cells, strict=True) if cell.isHidden()
        ]
        for button in (*hidden, *self._always_in_menu):
            action = menu.addAction(button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(lambda _checked=False, button=button: button.click())
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _cell(verb: Verb) -> QWidget:
    if not isinstance(verb, tuple):
        return verb
    cell = QWidget()
    row = QHBoxLayout(cell)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(1)
    for button in verb:
        row.addWidget(button)
    return cell
