"""The DAW page: the connection first, then the steps in Live and REAPER, and the OSC messages."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bridge.daws.installation import Daw
from bridge.daws.status import DawStatus, InstallState
from desktop.daw.traffic_items import TrafficItems
from desktop.daw.traffic_view import TrafficView
from desktop.daw.words import Connection, status_text, steps_text
from desktop.widgets.basics import Dot, ElidedLabel, hairline, label, repolish, sentence
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_tip

_NARROW_PX = 620
"""Below this width, cards stand below each other."""
_HINTS = (
    (
        "Bitwig, Ardour, any other",
        "Drag loops in: tempo, bars and key are in the file and its name.",
    ),
    ("Ask from inside Live", "Name a clip “lw: dusty drums 4” and fire it."),
)


class DawPage(QScrollArea):
    """Emits the actions that the user clicked; signals with a text carry the id of a DAW."""

    bridge_clicked = Signal()
    install_clicked = Signal(str)
    uninstall_clicked = Signal(str)
    folder_clicked = Signal(str)
    test_clicked = Signal(str)

    def __init__(self, daws: Iterable[Daw], items: TrafficItems) -> None:
        super().__init__()
        self.connection = ConnectionCard()
        self.connection.button.clicked.connect(self.bridge_clicked)
        self.cards = {daw.id: DawCard(daw) for daw in daws}
        self.messages = _Messages(items)
        self.traffic = self.messages.traffic
        for daw_id, card in self.cards.items():
            for button, signal in (
                (card.install, self.install_clicked),
                (card.uninstall, self.uninstall_clicked),
                (card.folder, self.folder_clicked),
                (card.test, self.test_clicked),
            ):
                button.clicked.connect(lambda _=False, s=signal, i=daw_id: s.emit(i))
        self._lay_out()

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("middle")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        introduction = sentence("muted")
        introduction.setText("Follows its tempo, and puts loops where you work.")
        column.addWidget(introduction)
        column.addWidget(self.connection)
        self._pairs = [QBoxLayout(QBoxLayout.Direction.LeftToRight) for _ in range(2)]
        for pair, cards in zip(self._pairs, (self.cards.values(), _hints()), strict=True):
            pair.setSpacing(12)
            for card in cards:
                pair.addWidget(card, 1)
            column.addLayout(pair)
        column.addStretch(0)
        column.addWidget(self.messages, 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        narrow = self.width() < _NARROW_PX
        for pair in self._pairs:
            pair.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)


class _Card(QFrame):
    """A card with a status dot, a name, buttons, and a line of facts."""

    def __init__(self, name: str, *buttons: QPushButton) -> None:
        super().__init__()
        self.setObjectName("card")
        self.dot = Dot()
        self.facts = sentence("muted")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.dot)
        self.name = label(name, "title")
        head.addWidget(self.name)
        head.addStretch(1)
        for button in buttons:
            head.addWidget(button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 8, 12, 12)
        self.column.setSpacing(4)
        self.column.addLayout(head)
        self.column.addWidget(self.facts)


class ConnectionCard(_Card):
    """Who is in time with the window, and what is taken from it."""

    def __init__(self) -> None:
        self.button = QPushButton("Open to DAWs")
        super().__init__("", self.button)
        self.values = {name: label("–", "time") for name in ("tempo", "meter", "key")}
        self._cells = QFrame()
        self._cells.setObjectName("clock")
        row = QHBoxLayout(self._cells)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for name, value in self.values.items():
            if row.count():
                row.addWidget(hairline(vertical=True))
            row.addWidget(_cell(value, name), 1)
        self.column.setContentsMargins(16, 12, 16, 16)
        self.column.setSpacing(8)
        self.column.addWidget(self._cells)

    def show_state(self, said: Connection) -> None:
        """Show the state of the connection."""
        self.dot.show_state(said.dot)
        self.name.setText(said.headline)
        self.facts.setText(said.advice)
        self.facts.setVisible(bool(said.advice))
        for name, value in said.values.items():
            self.values[name].setText(value)
        self._cells.setVisible(bool(said.values))
        self.setProperty("live", said.dot == "good")
        repolish(self)

    def show_bridge(self, *, runs: bool) -> None:
        """Show whether programs can connect."""
        self.button.setText("Close to DAWs" if runs else "Open to DAWs")
        self.button.setToolTip(
            "Let no program connect, and free the port" if runs else "Let DAWs and scripts connect"
        )


class _Messages(QWidget):
    """The messages of the bridge, folded until something is wrong."""

    def __init__(self, items: TrafficItems) -> None:
        super().__init__()
        self.fold = SignButton("Messages", "right", "Show what goes in and out")
        self.fold.setObjectName("quiet")
        self.fold.setCheckable(True)
        self.fold.clicked.connect(self._show)
        self.facts = ElidedLabel("caption")
        self.traffic = TrafficView(items)
        head = QHBoxLayout()
        head.addWidget(self.fold)
        head.addWidget(self.facts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.traffic, 1)
        self._show(open_=False)

    def _show(self, open_: bool) -> None:  # noqa: FBT001 - from a signal
        self.fold.sign = "down" if open_ else "right"
        self.traffic.setVisible(open_)
        policies = QSizePolicy.Policy
        height = policies.Expanding if open_ else policies.Maximum
        self.setSizePolicy(policies.Preferred, height)


class DawCard(_Card):
    """Our status in one DAW."""

    def __init__(self, daw: Daw) -> None:
        self._daw = daw
        self._status: DawStatus | None = None
        self.install = QPushButton("Install")
        self.uninstall = _button("Uninstall", f"Remove Loopwright's files from {daw.name}")
        self.folder = _button("Folder…", f"Choose where {daw.name} keeps its files")
        self.test = _button("Test", f"Test the connection to {daw.name}")
        for button in (self.uninstall, self.folder, self.test):
            button.setAccessibleName(f"{button.text().rstrip('…')} {daw.name}")
        super().__init__(daw.name, self.folder, self.test, self.uninstall, self.install)
        self.steps = sentence("muted")
        self.result = sentence()
        self.column.addWidget(self.steps)
        self.column.addWidget(self.result)
        for widget in (
            self.install, self.uninstall, self.folder, self.test, self.steps, self.result,
        ):  # fmt: skip
            widget.setVisible(False)  # until the state is known

    def show_status(self, status: DawStatus) -> None:
        """Show what is installed in the DAW, and offer the available actions."""
        self._status = status
        there = status.state is not InstallState.NO_DAW
        self.install.setVisible(there and status.state is not InstallState.CURRENT)
        self.install.setText("Update" if status.is_installed else "Install")
        self.install.setToolTip(plain_tip(f"Write Loopwright's files to {status.folder}"))
        self.install.setAccessibleName(f"{self.install.text()} {self._daw.name}")
        self.uninstall.setVisible(status.is_installed)
        self.test.setVisible(status.is_installed)
        self.folder.setVisible(not status.is_installed)
        self.setToolTip(plain_tip(str(status.folder)) if status.folder else "")

    def show_connection(self, text: str, *, connected: bool) -> None:
        """Show whether the DAW is connected."""
        status = self._status
        if status is None:
            return
        self.dot.show_state("good" if connected else "muted")
        self.facts.setText(
            f"{status_text(status)} · {text}" if status.is_installed else status_text(status)
        )
        self.steps.setText(steps_text(self._daw))
        self.steps.setVisible(status.is_installed and not connected)

    def show_result(self, text: str) -> None:
        """Show the result of an action, or an error."""
        self.result.setText(text)
        self.result.setVisible(bool(text))


def _hints() -> tuple[QFrame, ...]:
    """Return cards for what needs no installation."""
    made = []
    for name, text in _HINTS:
        card = _Card(name)
        card.dot.setVisible(False)
        card.facts.setText(text)
        made.append(card)
    return tuple(made)


def _cell(value: QWidget, caption: str) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(12, 4, 4, 4)
    column.setSpacing(0)
    column.addWidget(value)
    column.addWidget(label(caption, "small"))
    return cell


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(plain_tip(tip))
    return button
