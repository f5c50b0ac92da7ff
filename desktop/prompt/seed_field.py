"""The field of the seed: a number that is kept, or a new one each time."""

import random

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.prompt.icon_button import IconButton, draw_dice, draw_lock
from desktop.widgets.basics import LabelledField
from engine.loops.request import HIGHEST_SEED


class SeedField(LabelledField):
    """Holds a seed as text; where the lock is closed, it is the one that is asked for."""

    def __init__(self) -> None:
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("random")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setMaxLength(10)
        self.dice = IconButton(draw_dice, "Roll a new seed", "Roll a new seed, and keep it")
        self.lock = IconButton(
            draw_lock,
            "Lock the seed",
            "Keep this seed: the same prompt then makes the same loop again",
            checkable=True,
        )
        tip = f"The same seed makes the same loop: 0-{HIGHEST_SEED}; empty is random"
        super().__init__("seed", self.edit, tip, after=(self.dice, self.lock))
        self.edit.textEdited.connect(lambda text: self.lock.setChecked(bool(text)))
        self.dice.clicked.connect(self._roll)

    @property
    def kept(self) -> int | None:
        """The seed that is asked for; None for a new one each time."""
        text = self.edit.text().strip()
        return int(text) if self.lock.isChecked() and text.isdecimal() else None

    def keep(self, seed: int) -> None:
        """Ask for this seed from now on."""
        self.edit.setText(str(seed))
        self.lock.setChecked(True)

    def show_made(self, seed: int) -> None:
        """Show the seed of what was made last, so that it can be locked."""
        if not self.lock.isChecked():
            self.edit.setText(str(seed))

    def _roll(self) -> None:
        self.keep(random.randint(0, HIGHEST_SEED))  # noqa: S311 - music, no secret
