"""The line at the bottom: whether all is well, and what happened last."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import Dot, label


class StatusLine(QWidget):
    """Shows the engine's health, the OSC bridge, the output, and the last event."""

    restart_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self._dot = Dot()
        self.engine = label("engine starting", "muted")
        self.restart = QPushButton("Restart")
        self.restart.setObjectName("quiet")
        self.restart.setToolTip("Start the engine again")
        self.restart.clicked.connect(self.restart_clicked)
        self.restart.setVisible(False)
        self._bridge_dot = Dot()
        self.bridge = label("", "muted")
        self.output = QPushButton()
        self.output.setObjectName("quiet")
        self.output.setToolTip(f"Choose the output device ({shortcut_of('choose_device')})")
        self.clips = label("", "muted")
        self.last = label("", "muted")
        self.help_menu = QMenu(self)
        help_button = QPushButton("Help")
        help_button.setObjectName("quiet")
        help_button.setMenu(self.help_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(6)
        for widget in (self._dot, self.engine, self.restart):
            row.addWidget(widget)
        row.addSpacing(18)
        for widget in (self._bridge_dot, self.bridge):
            row.addWidget(widget)
        row.addSpacing(12)
        row.addWidget(self.output)
        row.addSpacing(12)
        row.addWidget(self.clips)
        row.addStretch(1)
        row.addWidget(self.last, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(help_button)
        self.show_engine("engine starting")

    def show_engine(self, text: str, *, ready: bool = False, failed: bool = False) -> None:
        """Show the engine's state; one that failed can be restarted."""
        self.is_ready = ready
        self._dot.show_state("good" if ready else "bad" if failed else "muted")
        self.engine.setText(text)
        self.restart.setVisible(failed)

    def show_output(self, device: str) -> None:
        """Show where the sound goes; an empty name is the system's choice."""
        text = f"output: {device or 'as the system chooses'}"
        if text != self.output.text():
            self.output.setText(text)

    def show_bridge(self, text: str, *, ready: bool, failed: bool, tip: str) -> None:
        """Show how the OSC bridge is."""
        self._bridge_dot.show_state("good" if ready else "bad" if failed else "muted")
        if (text, tip) != (self.bridge.text(), self.bridge.toolTip()):
            self.bridge.setText(text)
            self.bridge.setToolTip(tip)
