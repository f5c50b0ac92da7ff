"""A beat that runs, in frames of a stream: where its bars and beats lie."""

import dataclasses
import math
from enum import Enum

NEVER = 1 << 62
"""A frame that no stream reaches."""


class Quantize(Enum):
    """Which line of the running beat a pad starts on."""

    OFF = "off"
    BEAT = "beat"
    BAR = "bar"


@dataclasses.dataclass(frozen=True)
class BarClock:
    """A beat that runs.

    Attributes:
        origin: a frame at which a bar begins.
        bar_frames: the exact length of a bar; each line is rounded for itself.
        beats: how many beats a bar has.
    """

    origin: int
    bar_frames: float
    beats: int = 4

    def next_line(self, now: int, line: Quantize) -> int:
        """Return the first frame, `now` or later, that a line lies on."""
        if line is Quantize.OFF:
            return now
        step = self.bar_frames / self.beats if line is Quantize.BEAT else self.bar_frames
        number = math.floor((now - self.origin) / step)
        while (frame := self.origin + round(number * step)) < now:
            number += 1
        return frame
