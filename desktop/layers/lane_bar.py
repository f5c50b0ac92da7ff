"""The folded Layers strip: a bar with a chip per lane, or a hint while there are none."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.layers.lane_chip import LaneChip
from desktop.layers.lane_signals import LaneSignals, ShownLane
from desktop.layers.play_button import PlayLayers
from desktop.layers.side import LayersSide, PartButton
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import label
from desktop.widgets.buttons import ToolSign

HEIGHT_PX = 40
_HINT = "Add loops here and they play together, in time"
_TIP = f"Show the layers ({shortcut_of('show_layers')})"


class LaneBar(QWidget):
    """Shows the lanes in one line."""

    def __init__(self, colours: Colours, signals: LaneSignals, side: LayersSide) -> None:
        super().__init__()
        self._colours = colours
        self._signals = signals
        self._lanes: Sequence[ShownLane] = ()
        self._chips: list[LaneChip] = []
        self.play = PlayLayers(signals)
        self._unfold = ToolSign("up", "Show the layers", _TIP)
        self._unfold.clicked.connect(signals.fold_clicked)
        self._hint = label(_HINT, "caption")
        self.part = PartButton(side)
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(GAP_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN_PX - 4, 0, MARGIN_PX, 0)
        row.setSpacing(GAP_PX)
        row.addWidget(self._unfold)
        row.addWidget(label("Layers", "heading"))
        row.addWidget(self._hint)
        row.addLayout(self._chip_row)
        row.addWidget(self.part)
        row.addStretch(1)
        row.addWidget(self.play)

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order."""
        self._lanes = lanes
        while len(self._chips) < len(lanes):
            self._add_chip()
        for number, chip in enumerate(self._chips):
            chip.setVisible(number < len(lanes))
            if number < len(lanes):
                chip.show_lane(lanes[number].lane, lanes[number].face)
        self._hint.setVisible(not lanes)
        for part in (self._unfold, self.part, self.play):
            part.setVisible(bool(lanes))

    def _add_chip(self) -> None:
        number, chip, signals = len(self._chips), LaneChip(self._colours), self._signals
        chip.muted.connect(lambda on: signals.muted.emit(self._lanes[number].place, on))
        chip.soloed.connect(lambda on: signals.soloed.emit(self._lanes[number].place, on))
        self._chips.append(chip)
        self._chip_row.addWidget(chip)
