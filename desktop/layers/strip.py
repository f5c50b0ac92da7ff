"""The Layers strip under the columns: a head with a ruler, and a lane per loop.

It is folded into a bar while it is empty, where there is little room, and when somebody folds it.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.clips.peaks import Peaks
from desktop.layers.lane_chip import LaneChip
from desktop.layers.lane_row import LaneRow
from desktop.layers.lane_wave import LaneFace
from desktop.layers.lanes import Lane
from desktop.layers.ruler import Ruler
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import hairline, label, repolish
from desktop.widgets.buttons import SignButton, ToolSign
from desktop.widgets.drops import audio_files
from desktop.widgets.plain import plain_tip

_BAR_PX, _HEAD_PX = 40, 36
_MOST_LANES = 4
"""More lanes are scrolled to, so that the list keeps its room."""
_HINT = "Add loops here and they play together, in time"


class ShownLane(NamedTuple):
    """A lane as the strip shows it; `peaks` is None while the waveform is loading."""

    place: int
    lane: Lane
    face: LaneFace
    peaks: Peaks | None


@dataclasses.dataclass(frozen=True)
class StripShape:
    """How the strip is laid out: the columns over it, the height of a lane, whether it is a bar."""

    left_px: int = 296
    right_px: int = 296
    lane_px: int = 34
    folded: bool = False


class LayersStrip(QFrame):
    """Emits what the user did; signals about one lane begin with its place."""

    play_clicked = Signal()
    muted = Signal(int, bool)
    soloed = Signal(int, bool)
    level_changed = Signal(int, float)
    menu_wanted = Signal(int, QPoint)
    remove_wanted = Signal(int)
    dropped = Signal(list)
    drag_entered = Signal(list)
    drag_left = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAcceptDrops(True)
        self.setAccessibleName("Layers")
        self._colours = colours
        self._shape = StripShape()
        self._folded = False
        self._lanes: list[ShownLane] = []
        self._rows: list[LaneRow] = []
        self._chips: list[LaneChip] = []
        self.ruler = Ruler(colours)
        self.length = label("", "caption")
        self.play, self.bar_play = _play_button(), _play_button()
        for button in (self.play, self.bar_play):
            button.clicked.connect(self.play_clicked)
        self._lay_out()
        self.show_lanes([])
        self.show_playing(playing=False)
        self._fit()

    @property
    def folded(self) -> bool:
        """Whether the strip is a bar, of chips instead of lanes."""
        return self._folded or not self._lanes

    def fit(self, shape: StripShape) -> None:
        """Lay the strip out; a new shape that is folded folds it."""
        if shape != self._shape:
            if shape.folded != self._shape.folded:
                self._folded = shape.folded
            self._shape = shape
            self._fit()

    def toggle(self) -> None:
        """Fold the strip into a bar, or open it."""
        self._folded = not self._folded
        self._fold()

    def show_lanes(self, lanes: Sequence[ShownLane]) -> None:
        """Show the lanes, in order."""
        self._lanes = list(lanes)
        while len(self._rows) < len(lanes):
            self._add_row()
        for number, (row, chip) in enumerate(zip(self._rows, self._chips, strict=True)):
            shown = number < len(lanes)
            row.setVisible(shown)
            chip.setVisible(shown)
            if shown:
                _place, lane, face, peaks = lanes[number]
                row.show_lane(lane, face, peaks)
                chip.show_lane(lane, face)
        self._hint.setVisible(not lanes)
        self._fold()

    def show_bars(self, bars: int) -> None:
        """Show the length of a round."""
        self.ruler.show_bars(bars)
        self.length.setText("1 bar" if bars == 1 else f"{bars} bars")

    def show_playhead(self, fraction: float | None) -> None:
        """Show where in the round the sound is, 0..1; None hides it."""
        if not self.folded:
            self.ruler.show_playhead(fraction)
            for row in self._rows[: len(self._lanes)]:
                row.wave.show_playhead(fraction)

    def show_playing(self, *, playing: bool) -> None:
        """Show on its button whether the layers play."""
        for button in (self.play, self.bar_play):
            look = "sounds" if playing else ""
            if button.property("look") != look or not button.text():
                button.sign = "pause" if playing else "play"
                button.setText("Playing" if playing else "Play")
                button.setToolTip("Stop the layers" if playing else "Play the layers together")
                button.setProperty("look", look)
                repolish(button)
                button.updateGeometry()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files := audio_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._show_target(over=True)
            self.drag_entered.emit(files)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._show_target(over=False)
        self.drag_left.emit()

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_target(over=False)
        self.drag_left.emit()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        files: list[Path] = audio_files(event.mimeData())
        self.dropped.emit(files)

    def show_target(self, text: str) -> None:
        """Say on the target of a drag what will happen there."""
        self._target.setText(text)

    def _show_target(self, *, over: bool) -> None:
        self._target.setVisible(over)
        self.setProperty("over", over)
        repolish(self)

    def _fit(self) -> None:
        """Align with the columns over the strip."""
        self._head.setFixedWidth(self._shape.left_px)
        for row in self._rows:
            row.fit(self._shape.left_px, self._shape.lane_px)
        self._fold()

    def _fold(self) -> None:
        """Show the bar or the lanes, as tall as they need."""
        self._fold_button.setVisible(bool(self._lanes))
        self._form.setCurrentIndex(0 if self.folded else 1)
        lanes = min(len(self._lanes), _MOST_LANES)
        height = _BAR_PX if self.folded else _HEAD_PX + lanes * self._shape.lane_px
        self._form.setFixedHeight(height)
        what = "Show the layers" if self.folded else "Fold the layers"
        for button in (self._fold_button, self._open_fold):
            button.setAccessibleName(what)
            button.setToolTip(plain_tip(f"{what} ({shortcut_of('show_layers')})"))

    def _add_row(self) -> None:
        number, row, chip = len(self._rows), LaneRow(self._colours), LaneChip(self._colours)
        row.fit(self._shape.left_px, self._shape.lane_px)

        def place() -> int:
            return self._lanes[number].place

        for part in (row, chip):
            part.muted.connect(lambda on: self.muted.emit(place(), on))
            part.soloed.connect(lambda on: self.soloed.emit(place(), on))
        row.level_changed.connect(lambda level: self.level_changed.emit(place(), level))
        row.menu_wanted.connect(lambda point: self.menu_wanted.emit(place(), point))
        row.remove_wanted.connect(lambda: self.remove_wanted.emit(place()))
        self._rows.append(row)
        self._chips.append(chip)
        self._column.insertWidget(number, row)
        self._chip_row.insertWidget(number, chip)

    def _lay_out(self) -> None:
        self._form = QStackedWidget()
        self._form.addWidget(self._make_bar())
        self._form.addWidget(self._make_open())
        self._target = label("", "target")
        self._target.setFixedHeight(32)
        self._target.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._form)
        column.addWidget(self._target)

    def _make_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(MARGIN_PX - 4, 0, MARGIN_PX, 0)
        row.setSpacing(GAP_PX)
        self._fold_button = ToolSign("up", "Show the layers", "")
        self._fold_button.clicked.connect(self.toggle)
        self._hint = label(_HINT, "caption")
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(GAP_PX)
        row.addWidget(self._fold_button)
        row.addWidget(label("Layers", "heading"))
        row.addWidget(self._hint)
        row.addLayout(self._chip_row)
        row.addStretch(1)
        row.addWidget(self.bar_play)
        return bar

    def _make_open(self) -> QWidget:
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(MARGIN_PX - 4, 0, MARGIN_PX, 0)
        head.setSpacing(GAP_PX)
        self._open_fold = ToolSign("down", "Fold the layers", "")
        self._open_fold.clicked.connect(self.toggle)
        head.addWidget(self._open_fold)
        head.addWidget(label("Layers", "heading"))
        head.addWidget(self.length)
        head.addStretch(1)
        head.addWidget(self.play)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(self._head)
        top.addWidget(hairline(vertical=True))
        top.addSpacing(MARGIN_PX)
        top.addWidget(self.ruler, 1)
        top.addSpacing(MARGIN_PX)
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
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        headline = QWidget()
        headline.setLayout(top)
        headline.setFixedHeight(_HEAD_PX)
        column.addWidget(headline)
        column.addWidget(scroll, 1)
        whole = QWidget()
        self._wide = QHBoxLayout(whole)
        self._wide.setContentsMargins(0, 0, 0, 0)
        self._wide.setSpacing(0)
        self._wide.addWidget(body, 1)
        return whole


def _play_button() -> SignButton:
    button = SignButton("Play", "play", small=True)
    button.setAccessibleName("Play the layers")
    return button
