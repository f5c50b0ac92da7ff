"""The chips of the folded strip: as many as there is room for, and how many more there are."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.layers.lane_chip import LaneChip
from desktop.layers.lane_signals import LaneSignals, ShownLane
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, SMALL_PX
from desktop.widgets.basics import label

_MORE_PX = 28


class ChipRow(QWidget):
    """Shows a chip per lane; one that has no room is left out."""

    def __init__(self, colours: Colours, signals: LaneSignals) -> None:
        super().__init__()
        self._colours = colours
        self._signals = signals
        self._lanes: Sequence[ShownLane] = ()
        self._chips: list[LaneChip] = []
        self._more = label("", "caption")
        self._more.hide()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP_PX)
        self._row.addWidget(self._more)
        self._row.addStretch(1)

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order."""
        self._lanes = lanes
        while len(self._chips) < len(lanes):
            self._add_chip()
        for chip, shown in zip(self._chips, lanes, strict=False):
            chip.show_lane(shown.lane, shown.face)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, SMALL_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, SMALL_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show the chips that there is room for."""
        left, shown = self.width() - _MORE_PX, 0
        for number, chip in enumerate(self._chips):
            left -= chip.sizeHint().width() + GAP_PX
            fits = left >= 0 and number < len(self._lanes)
            shown += fits
            chip.setVisible(fits)
        self._more.setText(f"+{len(self._lanes) - shown}")
        self._more.setVisible(shown < len(self._lanes))

    def _add_chip(self) -> None:
        number, chip, signals = len(self._chips), LaneChip(self._colours), self._signals
        chip.muted.connect(lambda on: signals.muted.emit(self._lanes[number].place, on))
        chip.soloed.connect(lambda on: signals.soloed.emit(self._lanes[number].place, on))
        self._chips.append(chip)
        self._row.insertWidget(number, chip)
