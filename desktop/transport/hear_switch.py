"""The switches that say whether loops are heard in the session's tempo and key."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.theme.stylesheet import GAP_PX
from desktop.transport.fitting import Hearing
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import label
from desktop.widgets.buttons import SignButton


class HearSwitch(QWidget):
    """Two buttons, Tempo and Key; emits `changed` when one of them was switched."""

    changed = Signal()

    def __init__(self, hearing: Hearing) -> None:
        super().__init__()
        keys = shortcut_of("hear_in_session")
        self.tempo = SignButton("Tempo", "retempo", f"Hear loops stretched to the session ({keys})")
        self.key = SignButton("Key", "rekey", f"Hear loops transposed to the session ({keys})")
        self._caption = label("Hear in session", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        row.addWidget(self._caption)
        for button, on in ((self.tempo, hearing.tempo), (self.key, hearing.key)):
            button.setCheckable(True)
            button.setChecked(on)
            button.setAccessibleName(f"Hear in the session's {button.text().lower()}")
            button.toggled.connect(self.changed)
            row.addWidget(button)

    @property
    def hearing(self) -> Hearing:
        """What of the session loops are heard in."""
        return Hearing(self.tempo.isChecked(), self.key.isChecked())

    def toggle(self) -> None:
        """Switch both off if one is on, otherwise both on."""
        on = not any(self.hearing)
        with QSignalBlocker(self.tempo), QSignalBlocker(self.key):  # one change, not two
            self.tempo.setChecked(on)
            self.key.setChecked(on)
        self.changed.emit()

    def fit(self, *, narrow: bool) -> None:
        """Have short words where there is little room."""
        self._caption.setText("In session" if narrow else "Hear in session")
