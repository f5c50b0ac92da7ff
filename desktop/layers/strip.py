"""The Layers strip under the columns: open, or folded into a bar.

It is folded while it is empty, at first where there is little room, and when somebody folds it.
"""

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout

from desktop.layers.lane_bar import HEIGHT_PX, LaneBar
from desktop.layers.lane_signals import LaneSignals, ShownLane
from desktop.layers.lane_table import LaneTable
from desktop.layers.side import LayersSide
from desktop.theme.colours import Colours
from desktop.widgets.basics import label
from desktop.widgets.drops import audio_files


@dataclasses.dataclass(frozen=True)
class StripShape:
    """How the strip is laid out: the columns over it, the height of a lane, whether it is a bar.

    `right_px` is 0 if there is no right column.
    """

    left_px: int = 296
    right_px: int = 296
    lane_px: int = 34
    folded: bool = False


class LayersStrip(QFrame):
    """Shows the lanes, and takes files that are dropped on it; see also `signals`."""

    dropped = Signal(list)
    drag_entered = Signal(list)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAcceptDrops(True)
        self.setAccessibleName("Layers")
        self.signals = LaneSignals(self)
        self.signals.fold_clicked.connect(self.toggle)
        self._shape: StripShape | None = None
        self._wants_bar = False
        self._has_lanes = False
        self.side = LayersSide(colours)
        self.bar = LaneBar(colours, self.signals, self.side)
        self.table = LaneTable(colours, self.signals, self.side)
        self._form = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.bar, self.table):
            self._form.addWidget(part)
        column.addWidget(self._form)
        self._target = label("", "target", self)
        self._target.hide()
        self.fit(StripShape())
        self.show_lanes([])

    @property
    def folded(self) -> bool:
        """Whether the strip is a bar."""
        return self._wants_bar or not self._has_lanes

    def fit(self, shape: StripShape) -> None:
        """Lay the strip out; it folds, or opens, if the shape does so other than before."""
        if shape != self._shape:
            if self._shape is None or shape.folded != self._shape.folded:
                self._wants_bar = shape.folded
            self._shape = shape
            self.table.fit(shape.left_px, shape.right_px, shape.lane_px)
            self._fold()

    def toggle(self) -> None:
        """Fold the strip into a bar, or open it."""
        self._wants_bar = not self._wants_bar
        self._fold()

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order."""
        self._has_lanes = bool(lanes)
        self.table.show_lanes(lanes)
        self.bar.show_lanes(lanes)
        self._fold()

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the round the sound is, 0..1; None hides it."""
        if not self.folded:
            self.table.show_playhead(fraction)

    def show_playing(self, *, playing: bool) -> None:
        """Show whether the layers play."""
        for part in (self.bar, self.table):
            part.play.show_playing(playing=playing)

    def show_target(self, text: str) -> None:
        """Say on the target of a drag what will happen there."""
        self._target.setText(text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files := audio_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._place_target()
            self._target.show()
            self.drag_entered.emit(files)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._target.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._target.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(audio_files(event.mimeData()))

    def _place_target(self) -> None:
        """Put the target over the next free lane, or over the bar; nothing is moved by it."""
        area = self.rect() if self.folded else self.table.next_lane
        self._target.setGeometry(area)
        self._target.raise_()

    def _fold(self) -> None:
        """Show the bar or the lanes, as tall as they need."""
        self._form.setCurrentWidget(self.bar if self.folded else self.table)
        self._form.setFixedHeight(HEIGHT_PX if self.folded else self.table.height_px)
