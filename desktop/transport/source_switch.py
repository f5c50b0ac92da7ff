"""The switch for the tempo source; a dot marks the sources that are connected."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy

from bridge.osc.hosts import HostView
from desktop.theme.colours import Colours
from desktop.transport.time_source import Segment, TimeSource, segments
from desktop.widgets.plain import plain_caption, plain_tip

_DOT_PX = 7


class SourceSwitch(QFrame):
    """Three buttons, one per source; emits `chosen` with the clicked source."""

    chosen = Signal(str)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("segments")
        self.setAccessibleName("Tempo source")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self.buttons: dict[TimeSource, SegmentButton] = {}
        for source in TimeSource:
            button = SegmentButton(colours)
            button.clicked.connect(lambda _=False, s=source: self.chosen.emit(s.value))
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[source] = button
        self.show_chosen(TimeSource.INTERNAL)
        self.show_segments(segments(HostView(), TimeSource.INTERNAL, 0.0, serving=True))

    def show_chosen(self, source: TimeSource) -> None:
        """Show which source is selected."""
        self.buttons[source].setChecked(True)

    def show_segments(self, shown: Sequence[Segment]) -> None:
        """Show the state of each source, in order."""
        for button, segment in zip(self.buttons.values(), shown, strict=True):
            button.show_segment(segment)


class SegmentButton(QPushButton):
    """The button of a source, with a dot if it is or was connected."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._dot = ""
        self.setCheckable(True)

    def show_segment(self, segment: Segment) -> None:
        """Show a source; cheap if nothing has changed."""
        text = plain_caption(segment.text)
        if (text, segment.tip) != (self.text(), self.accessibleDescription()):
            self.setText(text)
            self.setToolTip(plain_tip(segment.tip))
            self.setAccessibleName(f"Tempo from {segment.text}")
            self.setAccessibleDescription(segment.tip)
        if segment.dot != self._dot:
            self._dot = segment.dot
            self.setProperty("dotted", bool(segment.dot))
            self.style().unpolish(self)
            self.style().polish(self)
            self.updateGeometry()

    @property
    def dot(self) -> str:
        """The shown dot: `good`, `muted` or empty."""
        return self._dot

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._dot:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.good if self._dot == "good" else self._colours.muted))
        top = (self.height() - _DOT_PX) / 2
        painter.drawEllipse(QRectF(12, top, _DOT_PX, _DOT_PX))
        painter.end()
