"""A lane in the folded strip: the sign and the name of its role, mute and solo."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.clips.role_sign import RoleSign
from desktop.layers.lane_row import LaneButtons
from desktop.layers.lane_wave import LaneFace
from desktop.layers.lanes import Lane
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import SMALL_PX
from desktop.widgets.basics import label
from desktop.widgets.plain import plain_caption, plain_tip

_LONGEST = 14


class LaneChip(QFrame):
    """Emits what the user did with one lane."""

    muted = Signal(bool)
    soloed = Signal(bool)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("laneChip")
        self.setFixedHeight(SMALL_PX)
        self.sign = RoleSign(colours)
        self.name = label("", "caption")
        self.buttons = LaneButtons()
        self.buttons.muted.connect(self.muted)
        self.buttons.soloed.connect(self.soloed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        for part in (self.sign, self.name, self.buttons):
            row.addWidget(part)

    def show_lane(self, lane: Lane, face: LaneFace) -> None:
        """Show a lane and its loop."""
        self.sign.show_role(face.role)
        named = face.role not in ("import", "recording", "mix")
        name = face.role.capitalize() if named else face.title[:_LONGEST]
        self.name.setText(plain_caption(name))
        self.setToolTip(plain_tip(face.title))
        self.buttons.show_lane(lane, face.title)
        self.buttons.setVisible(face.making is None)
