"""The open Layers strip: a head with a ruler, and a lane per loop."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.layers.lane_row import LaneRow
from desktop.layers.lane_signals import LaneSignals, ShownLane
from desktop.layers.play_button import PlayLayers
from desktop.layers.ruler import Ruler
from desktop.layers.side import LayersSide, PartButton
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import hairline, label
from desktop.widgets.buttons import ToolSign
from engine.loops.tempo import bars_in_words

_HEAD_PX = 36
_SHOWN_LANES, _LEAST_LANES = 4, 2
"""More lanes are scrolled to, so that the list keeps its room, and the strip its height; without
a right column, the window is small."""


class LaneTable(QWidget):
    """Shows the lanes one below the other, on the columns over the strip."""

    def __init__(self, colours: Colours, signals: LaneSignals, side: LayersSide) -> None:
        super().__init__()
        self._colours = colours
        self._signals = signals
        self._lanes: Sequence[ShownLane] = ()
        self._left_px, self._lane_px = 296, 34
        self.rows: list[LaneRow] = []
        self.ruler = Ruler(colours)
        self.length = label("", "caption")
        self.play = PlayLayers(signals)
        self.side, self.part = side, PartButton(side, short=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._make_headline())
        column.addWidget(self._make_body(), 1)
        row.addLayout(column, 1)
        self._edge = hairline(vertical=True)
        row.addWidget(self._edge)
        row.addWidget(side)

    @property
    def height_px(self) -> int:
        """The height that it needs."""
        lanes = min(len(self._lanes), _LEAST_LANES) if self.side.isHidden() else _SHOWN_LANES
        return _HEAD_PX + lanes * self._lane_px

    @property
    def next_lane(self) -> QRect:
        """Where the next lane will be, or else the last one that is seen."""
        number = min(len(self._lanes), (self.height_px - _HEAD_PX) // self._lane_px - 1)
        top, left = _HEAD_PX + number * self._lane_px, self._left_px + 1
        right = self.side.width() if self.side.isVisible() else 0
        return QRect(left, top, self.width() - left - right, self._lane_px)

    def fit(self, left_px: int, right_px: int, lane_px: int) -> None:
        """Align with the columns, and have lanes of a height."""
        self.side.fit(right_px)
        self._edge.setVisible(bool(right_px))
        self.part.setVisible(not right_px)
        self.length.setVisible(bool(right_px))
        self._left_px, self._lane_px = left_px, lane_px
        self._head.setFixedWidth(left_px)
        for row in self.rows:
            row.fit(left_px, lane_px)

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order; one that is new beside others is scrolled to."""
        before = {each.place for each in self._lanes}
        new = [at for at, each in enumerate(lanes) if each.place not in before]
        self._lanes = lanes
        while len(self.rows) < len(lanes):
            self._add_row()
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(lanes))
            if number < len(lanes):
                _place, lane, face, peaks = lanes[number]
                row.show_lane(lane, face, peaks)
        if before and new:
            self._scroll_to(self.rows[new[-1]])

    def show_bars(self, bars: int) -> None:
        """Show the length of a round."""
        self.ruler.show_bars(bars)
        self.length.setText(bars_in_words(bars))

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the round the sound is, 0..1; None hides it."""
        self.ruler.show_playhead(fraction)
        for row in self.rows[: len(self._lanes)]:
            row.wave.show_playhead(fraction)

    def _add_row(self) -> None:
        number, row, signals = len(self.rows), LaneRow(self._colours), self._signals
        row.fit(self._left_px, self._lane_px)

        def place() -> int:
            return self._lanes[number].place

        row.muted.connect(lambda on: signals.muted.emit(place(), on))
        row.soloed.connect(lambda on: signals.soloed.emit(place(), on))
        row.level_changed.connect(lambda level: signals.level_changed.emit(place(), level))
        row.menu_wanted.connect(lambda point: signals.menu_wanted.emit(place(), point))
        row.remove_wanted.connect(lambda: signals.remove_wanted.emit(place()))
        row.wave.taken_out = lambda file: signals.taken_out(file)  # noqa: PLW0108 - it is set later
        self.rows.append(row)
        self._column.insertWidget(number, row)

    def _make_headline(self) -> QWidget:
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(MARGIN_PX - 4, 0, MARGIN_PX, 0)
        head.setSpacing(GAP_PX)
        keys = shortcut_of("show_layers")
        fold = ToolSign("down", "Fold the layers", f"Fold the layers ({keys})")
        fold.clicked.connect(self._signals.fold_clicked)
        for part in (fold, label("Layers", "heading"), self.length):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.part)
        head.addWidget(self.play)
        headline = QWidget()
        headline.setFixedHeight(_HEAD_PX)
        top = QHBoxLayout(headline)
        top.setSpacing(0)
        top.addWidget(self._head)
        top.addWidget(hairline(vertical=True))
        top.addSpacing(MARGIN_PX)
        top.addWidget(self.ruler, 1)
        self._top = top
        top.setContentsMargins(0, 0, MARGIN_PX, 0)
        return headline

    def _make_body(self) -> QScrollArea:
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.verticalScrollBar().rangeChanged.connect(self._align)
        self._scroll = scroll
        return scroll

    def _scroll_to(self, row: LaneRow) -> None:
        """Scroll to a row, as soon as it has its place."""
        QTimer.singleShot(0, row, lambda: self._scroll.ensureWidgetVisible(row, 0, 0))

    def _align(self, _lowest: int, highest: int) -> None:
        """End the ruler where the lanes end, beside a scroll bar if there is one."""
        bar = self._scroll.verticalScrollBar().sizeHint().width() if highest else 0
        self._top.setContentsMargins(0, 0, MARGIN_PX + bar, 0)
