"""The transport strip: play button, tempo, meter, key, bars, project folder and volume."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.theme.colours import Colours
from desktop.transport.fields import FIELDS
from desktop.transport.level_meter import LevelMeter
from desktop.transport.source_switch import SourceSwitch
from desktop.transport.time_source import Segment, TimeSource
from desktop.widgets.actions import shortcut_of
from desktop.widgets.basics import label
from desktop.widgets.plain import plain_caption, plain_tip
from desktop.widgets.value_edit import CaptionedValue
from engine.loops.precedence import SessionTime

STRIP_HEIGHT = 56
_NARROWEST_PX = 640
_SPACING_PX, _CLOSE_PX = 18, 10


class PlayButton(QAbstractButton):
    """The play button: a triangle to play, two bars to stop."""

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._playing = False
        self.setFixedSize(QSize(38, 38))
        self.setToolTip("Play the selected clip (Space)")
        self.setAccessibleName("Play")

    def show_playing(self, playing: bool) -> None:  # noqa: FBT001 - what is shown
        """Show whether something plays."""
        if playing != self._playing:
            self._playing = playing
            self.setAccessibleName("Stop" if playing else "Play")
            self.setToolTip("Stop (Space)" if playing else "Play the selected clip (Space)")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.accent))
        if self.hasFocus():
            painter.setPen(QColor(self._colours.text))
        painter.drawEllipse(QRectF(0.5, 0.5, 37, 37))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.on_accent))
        if self._playing:
            painter.drawRoundedRect(QRectF(13, 12, 4.5, 14), 1, 1)
            painter.drawRoundedRect(QRectF(20.5, 12, 4.5, 14), 1, 1)
        else:
            painter.drawPolygon([QPointF(15, 11.5), QPointF(26.5, 19), QPointF(15, 26.5)])
        painter.end()


class Transport(QWidget):
    """The transport; it edits `time`, the session's tempo, meter, key and length."""

    play_clicked = Signal()
    time_changed = Signal()
    time_shown = Signal()
    refused = Signal(str)
    volume_changed = Signal(float)
    folder_clicked = Signal()

    def __init__(self, colours: Colours, time: SessionTime, volume: float) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(STRIP_HEIGHT)
        self.time = time
        self.play_button = PlayButton(colours)
        self.play_button.clicked.connect(self.play_clicked)
        self.values = {f.name: CaptionedValue(f, getattr(time, f.name)) for f in FIELDS}
        self.source = SourceSwitch(colours)
        self.folder_button = QPushButton()
        self.models_button = QPushButton("Models")
        self.models_button.setToolTip("Show and download models (Ctrl+M)")
        self.daw_button = QPushButton("DAW")
        self.daw_button.setToolTip("Live, REAPER and the OSC bridge (Ctrl+D)")
        self.metronome = _metronome_button()
        self.volume = _volume_slider(volume)
        self.level = LevelMeter(colours)
        self.volume.valueChanged.connect(lambda value: self.volume_changed.emit(value / 100))
        self._lay_out()
        for name, value in self.values.items():
            value.edit.changed.connect(lambda new, name=name: self._take(name, new))
            value.edit.refused.connect(self.refused)

    def show_time(self, time: SessionTime) -> None:
        """Show another session time, such as that of a prompt."""
        self.time = time
        for name, value in self.values.items():
            if value.edit.value != getattr(time, name):  # do not overwrite text that is being typed
                value.edit.show_value(getattr(time, name))
        self.time_shown.emit()

    def show_followed(self, names: set[str], source: str) -> None:
        """Disable the values that `source` sets."""
        for name, value in self.values.items():
            value.edit.follow(source if name in names else "")

    def show_source(self, chosen: TimeSource, segments: Sequence[Segment]) -> None:
        """Show the selected source, and the state of all three."""
        width = self.source.sizeHint().width()
        self.source.show_chosen(chosen)
        self.source.show_segments(segments)
        if self.source.sizeHint().width() != width:
            self._fit()

    def show_folder(self, name: str, path: str) -> None:
        """Show the project folder."""
        self.folder_button.setText(plain_caption(name))
        self.folder_button.setToolTip(plain_tip(f"{path}\nChoose the project folder (Ctrl+O)"))
        self.folder_button.setAccessibleName(f"Project folder {name}")

    def _take(self, name: str, value: Any) -> None:
        self.time = msgspec.structs.replace(self.time, **{name: value})
        self.time_changed.emit()

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX, STRIP_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Hide the least important parts, one by one, until the strip fits."""
        for part in self._spare:
            part.setVisible(True)
        self._row.setSpacing(_SPACING_PX)
        if self._row.minimumSize().width() > self.width():
            self._row.setSpacing(_CLOSE_PX)
        for part in self._spare:
            if self._row.minimumSize().width() <= self.width():
                return
            part.setVisible(False)

    def _lay_out(self) -> None:
        name = label("Loopwright", "title")
        project = self._project()
        self._spare = (name, project, self.volume)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(name)
        row.addWidget(self.play_button)
        for value in self.values.values():
            row.addWidget(value)
        row.addWidget(self.metronome)
        row.addWidget(self.source)
        row.addStretch(1)
        row.addWidget(project)
        row.addWidget(self.models_button)
        row.addWidget(self.daw_button)
        row.addLayout(self._master())

    def _master(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addStretch(1)
        column.addWidget(self.volume)
        column.addWidget(self.level)
        column.addStretch(1)
        return column

    def _project(self) -> QWidget:
        self.folder_button.setObjectName("quiet")
        self.folder_button.clicked.connect(self.folder_clicked)
        caption = label("project folder", "caption")
        caption.setContentsMargins(0, 0, 8, 0)
        project = QWidget()
        column = QVBoxLayout(project)
        column.setSpacing(0)
        column.setContentsMargins(0, 4, 0, 6)
        for widget in (self.folder_button, caption):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignRight)
        return project


def _metronome_button() -> QToolButton:
    button = QToolButton()
    button.setText("Click")
    button.setCheckable(True)
    button.setAccessibleName("Metronome")
    button.setToolTip(f"Metronome: click along with what plays ({shortcut_of('metronome')})")
    return button


def _volume_slider(volume: float) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setValue(round(volume * 100))
    slider.setFixedWidth(112)
    slider.setAccessibleName("Volume")
    slider.setToolTip("Volume (Ctrl+= and Ctrl+-)")
    return slider
