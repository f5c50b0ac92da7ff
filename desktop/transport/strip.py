"""The top bar: project, play button, tempo, meter, key, position, what is followed, volume."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.theme.colours import Colours, blended
from desktop.theme.signs import paint_sign
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.theme.typeface import STRONG, TIME_PX, text_font
from desktop.transport.fields import FIELDS
from desktop.transport.level_meter import LevelMeter
from desktop.transport.source_switch import SourceSwitch
from desktop.transport.time_source import Segment, TimeSource
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import hairline, label
from desktop.widgets.buttons import DottedButton, SignButton
from desktop.widgets.plain import plain_caption, plain_tip
from desktop.widgets.value_edit import ValueEdit
from engine.loops.precedence import SessionTime

STRIP_HEIGHT = 56
_TALL_PX = 40
_CELLS = {"bpm": 84, "meter": 56, "key": 92}
_NARROW_CELLS = {"bpm": 74, "meter": 54, "key": 84}
_PLACE_PX = 76
_LEAST_RIGHT_PX, _NARROW_BRAND_PX = 292, 208


class PlayButton(QAbstractButton):
    """The play button: a triangle to play, two bars to stop."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._playing = False
        self.setFixedSize(QSize(_TALL_PX, _TALL_PX))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Play the selected loop (Space)")
        self.setAccessibleName("Play")

    def show_playing(self, playing: bool) -> None:  # noqa: FBT001 - what is shown
        """Show whether something plays."""
        if playing != self._playing:
            self._playing = playing
            self.setAccessibleName("Stop" if playing else "Play")
            self.setToolTip("Stop (Space)" if playing else "Play the selected loop (Space)")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = self._colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = blended(colours.accent, colours.ground, 0.4) if self._playing else colours.raised
        painter.setPen(QPen(QColor(edge), 1))
        ground = colours.hover if self.underMouse() else colours.raised
        painter.setBrush(QColor(colours.tint if self._playing else ground))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.focus), 2))
        painter.drawEllipse(QRectF(1, 1, _TALL_PX - 2, _TALL_PX - 2))
        sign, colour = ("pause", colours.accent) if self._playing else ("play", colours.text)
        paint_sign(painter, QRectF(11, 11, 18, 18), sign, colour)
        painter.end()


class Transport(QWidget):
    """The top bar; it edits `time`, the session's tempo, meter, key and length.

    The editor of the length, `values["bars"]`, stands in the column where loops are asked for.
    """

    play_clicked = Signal()
    tap_clicked = Signal()
    time_changed = Signal()
    time_shown = Signal()
    refused = Signal(str)
    volume_changed = Signal(float)

    def __init__(self, colours: Colours, time: SessionTime, volume: float) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(STRIP_HEIGHT)
        self.time = time
        self._colours = colours
        self.play_button = PlayButton(colours)
        self.play_button.clicked.connect(self.play_clicked)
        self.values = {
            field.name: ValueEdit(field, getattr(time, field.name), small=field.name == "bars")
            for field in FIELDS
        }
        self.place = label("–")
        self.place.setFont(text_font(TIME_PX, STRONG))
        self.place.setAccessibleName("Position: bar and beat")
        self.source = SourceSwitch(colours)
        self.folder_button = SignButton(" ")
        self.project_menu = QMenu(self.folder_button)
        self.commands_button = SignButton(
            "", "search", f"Find a command or a loop ({shortcut_of('commands')})"
        )
        self.models_button = SignButton("Models", tip="Show and download models (Ctrl+M)")
        self.daw_button = DottedButton(colours, "DAW", "Live, REAPER and other programs (Ctrl+D)")
        self.tap = SignButton("Tap", tip=f"Tap the tempo ({shortcut_of('tap_tempo')})")
        self.metronome = SignButton(
            "", "metronome", f"Click along with what plays ({shortcut_of('metronome')})"
        )
        self.volume = self.level = LevelMeter(colours)
        self.volume.setValue(round(volume * 100))
        self.volume.valueChanged.connect(lambda value: self.volume_changed.emit(value / 100))
        self._lay_out()
        for name, value in self.values.items():
            value.changed.connect(lambda new, name=name: self._take(name, new))
            value.refused.connect(self.refused)

    def show_time(self, time: SessionTime) -> None:
        """Show another session time, such as that of a prompt."""
        self.time = time
        for name, value in self.values.items():
            if value.value != getattr(time, name):  # do not overwrite text that is being typed
                value.show_value(getattr(time, name))
        self.time_shown.emit()

    def show_followed(self, names: set[str], source: str) -> None:
        """Disable the values that `source` sets."""
        for name, value in self.values.items():
            value.follow(source if name in names else "")

    def show_source(self, chosen: TimeSource, segments: Sequence[Segment]) -> None:
        """Show the selected source, and the state of all three."""
        self.source.show_chosen(chosen)
        self.source.show_segments(segments)
        self.daw_button.show_dot(segments[list(TimeSource).index(TimeSource.DAW)].dot)

    def show_folder(self, name: str, path: str) -> None:
        """Show the project folder."""
        self.folder_button.setText(plain_caption(name))
        self.folder_button.setToolTip(plain_tip(f"{path}\nChoose another project (Ctrl+O)"))
        self.folder_button.setAccessibleName(f"Project folder {name}")

    def show_place(self, text: str) -> None:
        """Show where in its loop the playing loop is, as bar and beat; empty in silence."""
        if (text or "–") != self.place.text():
            self.place.setText(text or "–")

    def fit(self, left_px: int, right_px: int, *, narrow: bool) -> None:
        """Align with columns of these widths; a narrow bar leaves out what has a key or a list."""
        self._brand.setFixedWidth(_NARROW_BRAND_PX if narrow else left_px)
        self._right.setMinimumWidth(max(right_px, _LEAST_RIGHT_PX))
        self._right.setMaximumWidth(max(right_px, _LEAST_RIGHT_PX))
        for part in (self._place_cell, self.tap, self._follow):
            part.setVisible(not narrow)
        self.source.show_as_list(as_list=narrow)
        self._middle.setContentsMargins(0 if narrow else MARGIN_PX, 0, 0, 0)
        for name, width in (_NARROW_CELLS if narrow else _CELLS).items():
            self._cells[name].setFixedWidth(width)

    def _take(self, name: str, value: Any) -> None:
        self.time = msgspec.structs.replace(self.time, **{name: value})
        self.time_changed.emit()

    def _lay_out(self) -> None:
        self.metronome.setCheckable(True)
        self.metronome.setAccessibleName("Metronome")
        self.metronome.setFixedSize(36, _TALL_PX)
        self.tap.setFixedHeight(_TALL_PX)
        self.tap.clicked.connect(self.tap_clicked)
        self._follow = label("Follow", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_brand())
        self._middle = middle = QHBoxLayout()
        middle.setSpacing(GAP_PX)
        for part in (self.play_button, self.metronome, self._clock(), self.tap):
            middle.addWidget(part)
        middle.addSpacing(GAP_PX)
        middle.addWidget(self._follow)
        middle.addWidget(self.source)
        middle.addStretch(1)
        row.addLayout(middle, 1)
        row.addWidget(self._make_right())
        self.fit(296, 296, narrow=False)

    def _make_brand(self) -> QWidget:
        self._brand = QWidget()
        row = QHBoxLayout(self._brand)
        row.setContentsMargins(MARGIN_PX, 0, GAP_PX, 0)
        row.setSpacing(GAP_PX)
        self.folder_button.setObjectName("project")
        self.folder_button.chevron = True
        self.folder_button.setFont(text_font(weight=STRONG))
        self.folder_button.setMenu(self.project_menu)
        row.addWidget(_Logo(self._colours))
        row.addWidget(self.folder_button)
        row.addStretch(1)
        return self._brand

    def _make_right(self) -> QWidget:
        self._right = QWidget()
        row = QHBoxLayout(self._right)
        row.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        row.setSpacing(GAP_PX)
        row.addWidget(self.commands_button)
        row.addWidget(self.models_button)
        row.addWidget(self.daw_button)
        row.addWidget(self.volume, 1)
        return self._right

    def _clock(self) -> QFrame:
        clock = QFrame()
        clock.setObjectName("clock")
        clock.setFixedHeight(_TALL_PX)
        row = QHBoxLayout(clock)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        captions = {field.name: field.caption for field in FIELDS}
        self._cells = {name: _cell(self.values[name], captions[name]) for name in _CELLS}
        for cell in self._cells.values():
            row.addWidget(cell)
            row.addWidget(hairline(vertical=True))
        self._place_cell = _cell(self.place, "bar.beat")
        self._place_cell.setFixedWidth(_PLACE_PX)
        row.addWidget(self._place_cell)
        return clock


class _Logo(QWidget):
    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self.setFixedSize(24, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sign(painter, QRectF(self.rect()), "logo", self._colours.accent)
        painter.end()


def _cell(value: QWidget, caption: str) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(10, 1, 2, 3)
    column.setSpacing(0)
    value.setFixedHeight(20)
    column.addWidget(value)
    column.addWidget(label(caption, "small"))
    return cell
