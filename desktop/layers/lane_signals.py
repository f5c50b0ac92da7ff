"""What the user does in the Layers strip, whether it is folded or open."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, Signal

from desktop.clips.peaks import Peaks
from desktop.layers.lane_wave import LaneFace
from desktop.layers.lanes import Lane


class LaneSignals(QObject):
    """Signals of the strip; those about one lane begin with its place."""

    play_clicked = Signal()
    fold_clicked = Signal()
    muted = Signal(int, bool)
    soloed = Signal(int, bool)
    level_changed = Signal(int, float)
    menu_wanted = Signal(int, QPoint)
    remove_wanted = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets for the file of a lane's loop."""


class ShownLane(NamedTuple):
    """A lane as the strip shows it; `peaks` is None while the waveform is loading."""

    place: int
    lane: Lane
    face: LaneFace
    peaks: Peaks | None
