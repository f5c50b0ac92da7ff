"""The two clocks of a stream: where bars and beats fall, and which frame plays at which time.

Audio callbacks arrive late and in bursts, so a single one tells the time only to within that
jitter. `StreamClock` averages the error out, following F. Adriaensen, "Using a DLL to filter time"
(2005), in the first order: a device's clock drifts by far less than the error that remains.
"""

import dataclasses
import math
from enum import Enum

NEVER = 1 << 62
"""A frame that no stream reaches."""
_WEIGHT = 0.05
_JUMP_S = 0.1
"""A callback this far from its expected time means that the stream had stopped."""


class Quantize(Enum):
    """Which grid a pad starts on while a beat is running."""

    OFF = "off"
    BEAT = "beat"
    BAR = "bar"


@dataclasses.dataclass(frozen=True)
class BarClock:
    """A running beat, in frames of a stream.

    Attributes:
        origin: a frame at which a bar begins.
        bar_frames: the exact length of a bar; each grid point is rounded on its own.
        beats: how many beats a bar has.
    """

    origin: int
    bar_frames: float
    beats: int = 4

    def quantized(self, now: int, quantize: Quantize) -> int:
        """Return the first frame on the grid, `now` or later; with `OFF`, `now` itself."""
        if quantize is Quantize.OFF:
            return now
        step = self.bar_frames / self.beats if quantize is Quantize.BEAT else self.bar_frames
        number = math.floor((now - self.origin) / step)
        while (frame := self.origin + round(number * step)) < now:
            number += 1
        return frame

    def bar_and_beat(self, frame: int) -> tuple[int, int] | None:
        """Return the bar and the beat that a frame is in, both from 1; None before the first."""
        if frame < self.origin:
            return None
        bars = (frame - self.origin) / self.bar_frames
        return int(bars) + 1, int(bars % 1 * self.beats) + 1


class StreamClock:
    """Maps time to frames of one stream; the callback updates it, any thread may read it."""

    def __init__(self, rate: int) -> None:
        """Prepare for a stream of `rate` frames a second."""
        self._rate = rate
        self._origin_s: float | None = None

    def note(self, frame: int, now_s: float) -> None:
        """Record that the callback for `frame` came at `now_s`, a time of `time.monotonic`."""
        seen_s = now_s - frame / self._rate
        origin_s = self._origin_s
        if origin_s is None or abs(seen_s - origin_s) > _JUMP_S:
            self._origin_s = seen_s
        else:
            self._origin_s = origin_s + _WEIGHT * (seen_s - origin_s)

    def frame_at(self, monotonic_s: float, now_s: float) -> int:
        """Return the frame requested at a time; before any callback, frame 0 is now."""
        origin_s = now_s if self._origin_s is None else self._origin_s
        return round((monotonic_s - origin_s) * self._rate)
