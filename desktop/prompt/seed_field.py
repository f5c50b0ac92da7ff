"""The seed field: a fixed seed, or a random one each time."""

import random

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.widgets.basics import LabelledField
from desktop.widgets.buttons import ToolSign
from engine.loops.request import HIGHEST_SEED


class SeedField(LabelledField):
    """Holds a seed as text; it is used only while the lock is closed."""

    def __init__(self) -> None:
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("new")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setMaxLength(10)
        self.dice = ToolSign("dice", "Roll a new seed", "Roll a new seed and lock it")
        self.lock = ToolSign(
            "unlock",
            "Lock the seed",
            "Lock this seed: the same prompt then gives the same loop again",
            checked_sign="lock",
        )
        tip = f"Seed, 0-{HIGHEST_SEED}: the same seed gives the same loop; empty is random"
        super().__init__("Seed", self.edit, tip, after=(self.dice, self.lock))
        self.edit.textEdited.connect(lambda text: self.lock.setChecked(bool(text)))
        self.dice.clicked.connect(self._roll)

    @property
    def kept(self) -> int | None:
        """The locked seed; None for a random one each time."""
        text = self.edit.text().strip()
        return int(text) if self.lock.isChecked() and text.isdecimal() else None

    def keep(self, seed: int) -> None:
        """Set a seed and lock it."""
        self.edit.setText(str(seed))
        self.lock.setChecked(True)

    def show_made(self, seed: int) -> None:
        """Show the seed of the last job, so that it can be locked."""
        if not self.lock.isChecked():
            self.edit.setText(str(seed))

    def _roll(self) -> None:
        self.keep(random.randint(0, HIGHEST_SEED))  # noqa: S311 - music, no secret
