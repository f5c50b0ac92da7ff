"""The line at the bottom: whether all is well, and what happened last."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.widgets.basics import label


class StatusLine(QWidget):
    """Shows the engine's health, the OSC bridge, and the last event."""

    restart_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self._dot = label("●")
        self.engine = label("engine starting", "muted")
        self.restart = QPushButton("Restart")
        self.restart.setObjectName("quiet")
        self.restart.setToolTip("Start the engine again")
        self.restart.clicked.connect(self.restart_clicked)
        self.restart.setVisible(False)
        self._bridge_dot = label("●", "muted")
        self.bridge = label("", "muted")
        self.clips = label("", "muted")
        self.last = label("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 18, 0)
        row.setSpacing(6)
        for widget in (self._dot, self.engine, self.restart):
            row.addWidget(widget)
        row.addSpacing(18)
        for widget in (self._bridge_dot, self.bridge):
            row.addWidget(widget)
        row.addSpacing(18)
        row.addWidget(self.clips)
        row.addStretch(1)
        row.addWidget(self.last, 0, Qt.AlignmentFlag.AlignRight)
        self.show_engine("engine starting")

    def show_engine(self, text: str, *, ready: bool = False, failed: bool = False) -> None:
        """Show the engine's state; one that failed can be restarted."""
        _colour(self._dot, ready=ready, failed=failed)
        self.is_ready = ready
        self.engine.setText(text)
        self.restart.setVisible(failed)

    def show_bridge(self, text: str, *, ready: bool, failed: bool, tip: str) -> None:
        """Show how the OSC bridge is."""
        if (text, tip) != (self.bridge.text(), self.bridge.toolTip()):
            _colour(self._bridge_dot, ready=ready, failed=failed)
            self.bridge.setText(text)
            self.bridge.setToolTip(tip)


def _colour(dot: QLabel, *, ready: bool, failed: bool) -> None:
    dot.setProperty("kind", "good" if ready else "bad" if failed else "muted")
    dot.style().unpolish(dot)
    dot.style().polish(dot)
