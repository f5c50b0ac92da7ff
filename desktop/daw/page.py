"""The DAW page: the bridge, what lies in Live and REAPER, and the messages that go in and out."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bridge.daws.installation import Daw
from bridge.daws.status import DawStatus, InstallState
from desktop.daw.traffic_items import TrafficItems
from desktop.daw.traffic_view import TrafficView
from desktop.daw.words import side_text, steps_text
from desktop.widgets.basics import Dot, label, sentence


class DawPage(QScrollArea):
    """Tells by signals what was asked for; the text is the id of a DAW."""

    bridge_clicked = Signal()
    install_clicked = Signal(str)
    uninstall_clicked = Signal(str)
    folder_clicked = Signal(str)
    test_clicked = Signal(str)

    def __init__(self, daws: Iterable[Daw], items: TrafficItems) -> None:
        super().__init__()
        self.bridge = BridgeCard()
        self.bridge.button.clicked.connect(self.bridge_clicked)
        self.sides = {daw.id: SideCard(daw) for daw in daws}
        self.traffic = TrafficView(items)
        for daw_id, card in self.sides.items():
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
        inside.setObjectName("column")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (self.bridge, *self.sides.values()):
            column.addWidget(card)
        column.addWidget(self.traffic, 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class _Card(QFrame):
    """A dot, a name, a line of facts, buttons on the right, and room for sentences below."""

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
    """The bridge: where it listens, who is registered, and a button that starts or ends it."""

    def __init__(self) -> None:
        self.button = QPushButton("Start")
        super().__init__("Bridge", self.button)

    def show_state(self, facts: str, *, runs: bool, failed: bool) -> None:
        """Show how it is."""
        self.dot.show_state("good" if runs else "bad" if failed else "muted")
        self.facts.setText(facts)
        self.button.setText("Stop" if runs else "Start")
        self.button.setToolTip(
            "Answer no more, and free the port" if runs else "Answer DAWs, patches and scripts"
        )
        self.button.setAccessibleName(f"{self.button.text()} the bridge")


class SideCard(_Card):
    """Our side in one DAW."""

    def __init__(self, daw: Daw) -> None:
        self._daw = daw
        self._side: DawStatus | None = None
        self.install = QPushButton("Install")
        self.uninstall = _button("Uninstall", f"Remove Loopwright's files from {daw.name}")
        self.folder = _button("Folder…", f"Say where {daw.name} keeps its files")
        self.test = _button("Test", f"Listen whether {daw.name} talks")
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
            widget.setVisible(False)  # until it was looked what there is

    def show_side(self, side: DawStatus) -> None:
        """Show what lies in the DAW, and offer what can be done about it."""
        self._side = side
        there = side.state is not InstallState.NO_DAW
        self.install.setVisible(there and side.state is not InstallState.CURRENT)
        self.install.setText("Update" if side.is_installed else "Install")
        self.install.setToolTip(f"Write Loopwright's files into {side.folder}")
        self.install.setAccessibleName(f"{self.install.text()} {self._daw.name}")
        self.uninstall.setVisible(side.is_installed)
        self.test.setVisible(side.is_installed)
        self.folder.setVisible(not side.is_installed)
        self.setToolTip(str(side.folder) if side.folder else "")

    def show_talk(self, text: str, *, talks: bool) -> None:
        """Show whether the DAW talks."""
        side = self._side
        if side is None:
            return
        self.dot.show_state("good" if talks else "muted")
        self.facts.setText(f"{side_text(side)} · {text}" if side.is_installed else side_text(side))
        self.steps.setText(steps_text(self._daw))
        self.steps.setVisible(side.is_installed and not talks)

    def show_result(self, text: str) -> None:
        """Show what came of a test, or what went wrong."""
        self.result.setText(text)
        self.result.setVisible(bool(text))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
