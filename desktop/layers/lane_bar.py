"""The folded Layers strip: a bar with a chip per lane, or a hint while there are none."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.layers.chip_row import ChipRow
from desktop.layers.lane_signals import LaneSignals, ShownLane
from desktop.layers.play_button import PlayLayers
from desktop.layers.side import MIX_TIP, LayersSide, PartButton
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import label
from desktop.widgets.buttons import ToolSign
from desktop.widgets.drag_source import DragHandle

HEIGHT_PX = 40
_HINT = "Add loops here and they play together, in time"
_TIP = f"Show the layers ({shortcut_of('show_layers')})"


class LaneBar(QWidget):
    """Shows the lanes in one line."""

    def __init__(self, colours: Colours, signals: LaneSignals, side: LayersSide) -> None:
        super().__init__()
        self.play = PlayLayers(signals)
        self.mix = DragHandle("Mix", MIX_TIP)
        self._unfold = ToolSign("up", "Show the layers", _TIP)
        self._unfold.clicked.connect(signals.fold_clicked)
        self._hint = label(_HINT, "caption")
        self.part = PartButton(side)
        self.chips = ChipRow(colours, signals)
        self._row = row = QHBoxLayout(self)
        row.setSpacing(GAP_PX)
        row.addWidget(self._unfold)
        row.addWidget(label("Layers", "heading"))
        row.addWidget(self._hint)
        row.addWidget(self.chips, 1)
        row.addWidget(self.part)
        row.addWidget(self.play)
        row.addWidget(self.mix)

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order."""
        self.chips.show_lanes(lanes)
        self._row.setContentsMargins(MARGIN_PX - 4 if lanes else MARGIN_PX, 0, MARGIN_PX, 0)
        self._hint.setVisible(not lanes)
        for part in (self._unfold, self.part, self.play, self.mix):
            part.setVisible(bool(lanes))
