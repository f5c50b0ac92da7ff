"""The DAW page: the bridge, the installation in Live and REAPER, and the OSC messages."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bridge.daws.installation import Daw
from bridge.daws.status import DawStatus, InstallState
from desktop.daw.traffic_items import TrafficItems
from desktop.daw.traffic_view import TrafficView
from desktop.daw.words import status_text, steps_text
from desktop.widgets.basics import Dot, label, sentence
from desktop.widgets.plain import plain_tip


class DawPage(QScrollArea):
    """Emits the actions that the user clicked; signals with a text carry the id of a DAW."""

    bridge_clicked = Signal()
    install_clicked = Signal(str)
    uninstall_clicked = Signal(str)
    folder_clicked = Signal(str)
    test_clicked = Signal(str)

    def __init__(self, daws: Iterable[Daw], items: TrafficItems) -> None:
        super().__init__()
        self.bridge = BridgeCard()
        self.bridge.button.clicked.connect(self.bridge_clicked)
        self.cards = {daw.id: DawCard(daw) for daw in daws}
        self.traffic = TrafficView(items)
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
        for card in (self.bridge, *self.cards.values()):
            column.addWidget(card)
        column.addWidget(self.traffic, 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


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
        head.addWidget(label(name, "title"))
        head.addStretch(1)
        for button in buttons:
            head.addWidget(button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 8, 12, 12)
        self.column.setSpacing(4)
        self.column.addLayout(head)
        self.column.addWidget(self.facts)


class BridgeCard(_Card):
    """The bridge: its port, its clients, and a button that starts or stops it."""

    def __init__(self) -> None:
        self.button = QPushButton("Start")
        super().__init__("Bridge", self.button)

    def show_state(self, facts: str, *, runs: bool, failed: bool) -> None:
        """Show the state of the bridge."""
        self.dot.show_state("good" if runs else "bad" if failed else "muted")
        self.facts.setText(facts)
        self.button.setText("Stop" if runs else "Start")
        self.button.setToolTip(
            "Stop the bridge and free its port" if runs else "Start the bridge for DAWs and scripts"
        )
        self.button.setAccessibleName(f"{self.button.text()} the bridge")


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


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(plain_tip(tip))
    return button
