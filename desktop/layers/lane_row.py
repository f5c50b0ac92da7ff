"""One lane: the sign and name of its loop, mute, solo and level, and its picture."""

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from desktop.clips.peaks import Peaks
from desktop.clips.role_sign import RoleSign
from desktop.layers.lane_wave import LaneFace, LaneWave
from desktop.layers.lanes import HIGHEST_LEVEL_DB, LOWEST_LEVEL_DB, Lane
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import MARGIN_PX
from desktop.widgets.basics import ElidedLabel, hairline
from desktop.widgets.buttons import SignButton, ToolSign
from desktop.widgets.plain import plain_tip

_LEVEL_PX = 56
_SMALL_PX = QSize(24, 20)


class LaneButtons(QWidget):
    """Mute and solo of one lane."""

    muted = Signal(bool)
    soloed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.mute = _small_button("M", "mute")
        self.solo = _small_button("S", "solo")
        self.mute.clicked.connect(self.muted)
        self.solo.clicked.connect(self.soloed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.mute)
        row.addWidget(self.solo)

    def show_lane(self, lane: Lane, title: str) -> None:
        """Show the state of a lane."""
        self.mute.setChecked(lane.muted)
        self.solo.setChecked(lane.solo)
        self.mute.setAccessibleName(f"Mute {title}")
        self.solo.setAccessibleName(f"Solo {title}")
        self.mute.setToolTip(plain_tip(f"Mute {title}, at the next bar"))
        self.solo.setToolTip(plain_tip(f"Hear only this and other soloed layers: {title}"))


class LaneRow(QWidget):
    """Emits what the user did with one lane."""

    muted = Signal(bool)
    soloed = Signal(bool)
    level_changed = Signal(int)
    menu_wanted = Signal(QPoint)
    remove_wanted = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("lane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.sign = RoleSign(colours)
        self.title = ElidedLabel("value")
        self.buttons = LaneButtons()
        self.buttons.muted.connect(self.muted)
        self.buttons.soloed.connect(self.soloed)
        self.level = QSlider(Qt.Orientation.Horizontal)
        self.level.setRange(round(LOWEST_LEVEL_DB), round(HIGHEST_LEVEL_DB))
        self.level.setPageStep(3)
        self.level.setFixedWidth(_LEVEL_PX)
        self.level.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.level.valueChanged.connect(self.level_changed)
        self.cancel = ToolSign("close", "Cancel", "Stop making this part")
        self.cancel.clicked.connect(self.remove_wanted)
        self.wave = LaneWave(colours)
        self.wave.menu_wanted.connect(self.menu_wanted)
        self.wave.remove_wanted.connect(self.remove_wanted)
        self._lay_out()

    def fit(self, left_px: int, height_px: int) -> None:
        """Have the height of a lane, and a head as wide as the left column."""
        self.head.setFixedWidth(left_px)
        self.setFixedHeight(height_px)

    def show_lane(self, lane: Lane, face: LaneFace, peaks: Peaks | None) -> None:
        """Show a lane and its loop."""
        self.sign.show_role(face.role)
        self.title.setText(face.title)
        self.title.setEnabled(not face.silent)
        self.buttons.show_lane(lane, face.title)
        if not self.level.isSliderDown():
            with QSignalBlocker(self.level):
                self.level.setValue(round(lane.level_db))
        self.level.setAccessibleName(f"Level of {face.title}")
        self.level.setToolTip(plain_tip(f"Level {lane.level_db:+.0f} dB"))
        for part in (self.buttons, self.level):
            part.setVisible(face.making is None)
        self.cancel.setVisible(face.making is not None)
        self.wave.show_face(face, peaks)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def _lay_out(self) -> None:
        self.head = QWidget()
        left = QHBoxLayout(self.head)
        left.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        left.setSpacing(6)
        left.addWidget(self.sign)
        left.addWidget(self.title, 1)
        left.addWidget(self.buttons)
        left.addWidget(self.level)
        left.addWidget(self.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.head)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(MARGIN_PX)
        row.addWidget(self.wave, 1)
        row.addSpacing(MARGIN_PX)


def _small_button(text: str, kind: str) -> SignButton:
    button = SignButton(text)
    button.setObjectName(kind)
    button.setCheckable(True)
    button.setFixedSize(_SMALL_PX)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button
