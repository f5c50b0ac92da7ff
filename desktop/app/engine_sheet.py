"""The panel that asks where loops are made: on this computer, on another machine, in a studio."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.widgets.basics import LabelledField, label, repolish, sentence
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.sheet import Sheet

_WIDTH_PX = 520
_LONGEST_ADDRESS = 300
_HERE, _ELSEWHERE = "here", "elsewhere"
_ABOUT = (
    "Models need memory and time. A machine with a graphics card can make the loops for this one, "
    "if Loopwright is installed there."
)
_EXPLAINED = (
    "ssh://box for a machine that you reach over ssh without a password, ray://head for a studio. "
    "Sounds and words travel; the loops are written here."
)


class EngineSheet(Sheet):
    """Emits `try_clicked` and `wanted` with an address; an empty one is this computer."""

    try_clicked = Signal(str)
    wanted = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "Where loops are made", _WIDTH_PX)
        ways = {_HERE: "This computer", _ELSEWHERE: "Another machine"}
        self.way = Segments(ways, "Where loops are made")
        self.address = QLineEdit()
        self.address.setMaxLength(_LONGEST_ADDRESS)
        self.address.setPlaceholderText("ssh://box")
        self.trial = SignButton("Try it", "check", "See whether loops can be made there")
        self.said = sentence("muted")
        self.stated = sentence("muted")
        self.use = SignButton("Use this computer")
        self._tried = ""
        self._lay_out()
        self.way.chosen.connect(lambda _way: self._choose_way())
        self.address.textEdited.connect(lambda _text: self._show_way())
        self.trial.clicked.connect(lambda: self.try_clicked.emit(self.typed))
        self.use.clicked.connect(lambda: self.wanted.emit(self.typed))

    @property
    def typed(self) -> str:
        """The address that was typed; empty for this computer."""
        return self.address.text().strip() if self.way.key == _ELSEWHERE else ""

    def show_place(self, place: str, stated: str) -> None:
        """Open the panel.

        Args:
            place: what is kept; empty for this computer.
            stated: where the engine runs by a flag or the environment; empty if by what is kept.
        """
        self._tried = place
        self.way.show_chosen(_ELSEWHERE if place else _HERE)
        self.address.setText(place)
        self.stated.setVisible(bool(stated))
        self.stated.setText(
            f"This window was started with the engine {stated!r} (--engine or LOOPWRIGHT_ENGINE), "
            "which holds until it is closed. What you choose here holds from the next start."
        )
        self._show_way()
        self.open_with(self.address if place else self.way.buttons[_HERE])

    def show_trying(self) -> None:
        """Show that the machine is being tried."""
        self.trial.setEnabled(False)
        self._say("Trying…")

    def show_result(self, place: str, text: str, *, works: bool) -> None:
        """Show how the trial of an address ended, unless another one was typed meanwhile."""
        if place == self.typed:
            self._tried = place if works else ""
            self._show_way()
            self._say(text, "ready" if works else "problem")

    def _choose_way(self) -> None:
        self._show_way()
        (self.address if self.way.key == _ELSEWHERE else self.use).setFocus()

    def _show_way(self) -> None:
        elsewhere = self.way.key == _ELSEWHERE
        for part in (self._field, self.trial, self._explained):
            part.setVisible(elsewhere)
        self.main = self.use
        if elsewhere and self.typed != self._tried:
            self.main = self.trial
        self.use.setText("Use this machine" if elsewhere else "Use this computer")
        self.use.setEnabled(self.main is self.use)
        self.use.setToolTip("" if self.use.isEnabled() else "Try it first")
        self.trial.setEnabled(bool(self.typed))
        self._say("")

    def _say(self, text: str, kind: str = "muted") -> None:
        self.said.setText(text)
        self.said.setProperty("kind", kind)
        self.said.setVisible(bool(text))
        repolish(self.said)
        self.place()

    def _lay_out(self) -> None:
        self.column.addWidget(label("Where loops are made", "heading"))
        ways = QHBoxLayout()
        ways.addWidget(self.way)
        ways.addStretch(1)
        self.column.addLayout(ways)
        self._field = LabelledField("Address", self.address, "ssh://BOX or ray://HEAD")
        row = QHBoxLayout()
        row.addWidget(self._field, 1)
        row.addWidget(self.trial)
        self.column.addLayout(row)
        about = sentence("caption")
        about.setText(_ABOUT)
        self._explained = sentence("caption")
        self._explained.setText(_EXPLAINED)
        for part in (about, self._explained, self.said, self.stated):
            self.column.addWidget(part)
        self.add_foot(self.use)
