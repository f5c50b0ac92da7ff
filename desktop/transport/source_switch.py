"""The switch for what the tempo follows; a dot marks the sources that are connected."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QWidget

from bridge.osc.hosts import HostView
from desktop.theme.colours import Colours
from desktop.transport.time_source import Segment, TimeSource, segments
from desktop.widgets.basics import Choice
from desktop.widgets.buttons import DottedButton
from desktop.widgets.plain import plain_caption, plain_tip

_LIST_PX = 104


class SourceSwitch(QWidget):
    """Three buttons, one per source, or a list of them; emits `chosen` with the source."""

    chosen = Signal(str)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setAccessibleName("What the tempo follows")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._segments = QFrame()
        self._segments.setObjectName("segments")
        self._segments.setProperty("tall", "true")
        inside = QHBoxLayout(self._segments)
        inside.setContentsMargins(1, 0, 1, 0)
        inside.setSpacing(0)
        self.buttons: dict[TimeSource, DottedButton] = {}
        self.list = Choice()
        self.list.setObjectName("plain")
        self.list.setFixedHeight(40)
        self.list.setMinimumWidth(_LIST_PX)
        self.list.setAccessibleName("What the tempo follows")
        for source in TimeSource:
            button = DottedButton(colours)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, s=source: self.chosen.emit(s.value))
            self._group.addButton(button)
            inside.addWidget(button)
            self.buttons[source] = button
            self.list.addItem(source.value, source)
        self.list.activated.connect(lambda place: self.chosen.emit(self.list.itemData(place).value))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._segments)
        row.addWidget(self.list)
        self.show_as_list(as_list=False)
        self.show_chosen(TimeSource.INTERNAL)
        self.show_segments(segments(HostView(), TimeSource.INTERNAL, 0.0, serving=True))

    def show_as_list(self, *, as_list: bool) -> None:
        """Show a list, for which there is always room, or buttons."""
        self._segments.setVisible(not as_list)
        self.list.setVisible(as_list)

    def show_chosen(self, source: TimeSource) -> None:
        """Show which source is selected."""
        self.buttons[source].setChecked(True)
        with QSignalBlocker(self.list):
            self.list.setCurrentIndex(self.list.findData(source))

    def show_segments(self, shown: Sequence[Segment]) -> None:
        """Show the state of each source, in order; cheap if nothing has changed."""
        for place, (button, segment) in enumerate(zip(self.buttons.values(), shown, strict=True)):
            text = plain_caption(segment.text)
            if (text, segment.tip) != (button.text(), button.accessibleDescription()):
                button.setText(text)
                button.setToolTip(plain_tip(segment.tip))
                button.setAccessibleName(f"Follow {segment.text}")
                button.setAccessibleDescription(segment.tip)
                self.list.setItemText(place, segment.text)
            button.show_dot(segment.dot)
