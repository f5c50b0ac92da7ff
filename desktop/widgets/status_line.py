"""The status line at the bottom of the window."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import Dot, label
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption, plain_tip


class StatusLine(QWidget):
    """Shows the engine, the OSC bridge, the output device, the clip count and the last event."""

    restart_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self._dot = Dot()
        self.engine = label("Starting", "caption")
        self.restart = SignButton("Restart")
        self.restart.setObjectName("quiet")
        self.restart.setToolTip("Restart the engine")
        self.restart.clicked.connect(self.restart_clicked)
        self.restart.setVisible(False)
        self._bridge_dot = Dot()
        self.bridge = label("", "caption")
        self.output = SignButton(" ", "send")
        self.output.chevron = True
        self.output.setObjectName("quiet")
        self.output.setToolTip(f"Choose the output device ({shortcut_of('choose_device')})")
        self.clips = label("", "caption")
        self.saving = label("", "caption")
        self.saving.setToolTip(
            "The project's disk is slow, or another program is writing to the project."
        )
        self.pack = label("", "caption")
        self.last = label("", "caption")
        self.help_menu = QMenu(self)
        self.shortcuts = SignButton("Shortcuts", "help", f"All keys ({shortcut_of('shortcuts')})")
        self.shortcuts.setObjectName("quiet")
        self.show_engine("Starting")
        self._lay_out()

    def _lay_out(self) -> None:
        help_button = SignButton("Help")
        help_button.setObjectName("quiet")
        help_button.setMenu(self.help_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
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
        row.addSpacing(12)
        row.addWidget(self.pack)
        row.addSpacing(12)
        row.addWidget(self.saving)
        row.addStretch(1)
        row.addWidget(self.last, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(help_button)
        row.addWidget(self.shortcuts)

    def show_engine(self, text: str, *, ready: bool = False, failed: bool = False) -> None:
        """Show the engine's state; a failed engine can be restarted."""
        self.is_ready = ready
        self._dot.show_state("good" if ready else "bad" if failed else "muted")
        self.engine.setText(text)
        self.restart.setVisible(failed)

    def show_output(self, device: str) -> None:
        """Show the output device; an empty name is the system default."""
        text = plain_caption(f"Sound: {device or 'system'}")
        if text != self.output.text():
            self.output.setText(text)

    def show_pack(self, text: str) -> None:
        """Show how far the pack is that is being made; empty if none is."""
        self.pack.setText(text)

    def show_saving(self, *, late: bool) -> None:
        """Show that changes to the project are still being written."""
        self.saving.setText("Saving changes…" if late else "")

    def show_bridge(self, text: str, *, ready: bool, failed: bool, tip: str) -> None:
        """Show the state of the OSC bridge."""
        self._bridge_dot.show_state("good" if ready else "bad" if failed else "muted")
        if (text, plain_tip(tip)) != (self.bridge.text(), self.bridge.toolTip()):
            self.bridge.setText(text)
            self.bridge.setToolTip(plain_tip(tip))
