"""What the pads play, kept from one frame to another: bounded, and without the clip below them.

It is filled inside the sound callback: all memory is there beforehand, and is only written to.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from playback.bar_clock import NEVER, Quantize

LONGEST_RECORDING_S = 240.0


class PadRecording:
    """One recording. It is whole bars long where `frames_of_bars` tells how long those are."""

    def __init__(
        self,
        rate: int,
        frames_of_bars: Callable[[int], int] | None = None,
        *,
        longest_s: float = LONGEST_RECORDING_S,
    ) -> None:
        """Prepare.

        Args:
            rate: that of the stream, in Hz.
            frames_of_bars: the length of a number of bars; None: it may have any length.
            longest_s: after which time it ends by itself; one bar always fits.
        """
        self.rate = rate
        self.line = Quantize.OFF if frames_of_bars is None else Quantize.BAR
        self.start_frame: int | None = None
        self.frames = 0
        self.bars = 0
        """How many bars it has, once it is done; 0 where it may have any length."""
        self.done = False
        self._end_frame = NEVER
        self._frames_of_bars = frames_of_bars
        most_frames = round(longest_s * rate)
        if frames_of_bars is not None:
            self._most_bars = max(most_frames // frames_of_bars(1), 1)
            most_frames = frames_of_bars(self._most_bars)
        # Not touched here, so that the system gives the memory only as it is filled.
        self._room: NDArray[np.float32] = np.empty((most_frames, 2), dtype=np.float32)

    @property
    def audio(self) -> NDArray[np.float32]:
        """What was recorded, (frames, 2)."""
        return self._room[: self.frames]

    def begin(self, frame: int) -> None:
        """Begin at a frame of the stream, unless it has begun."""
        if self.start_frame is None:
            self.start_frame = frame

    def end(self, now: int) -> None:
        """End: at once, or on the bar line that is nearest and not the first one."""
        start = self.start_frame
        if start is None or start >= now:
            self.done = True  # nothing was heard of it
        elif self._frames_of_bars is None:
            self._end_frame = now
        else:
            bars = round((now - start) / self._frames_of_bars(1))
            self.bars = min(max(bars, 1), self._most_bars)
            self._end_frame = start + self._frames_of_bars(self.bars)

    def take(self, mix: NDArray[np.float32], now: int) -> bool:
        """Take in a block that begins with the frame `now`; return whether more is wanted."""
        start = self.start_frame
        if start is not None and not self.done:
            last = min(now + len(mix), self._end_frame, start + len(self._room))
            first = max(now, start)
            if last > first:
                self._room[first - start : last - start] = mix[first - now : last - now]
            if last > start:
                self.frames = last - start
            if last < now + len(mix):
                self._finish()
        return not self.done

    def break_off(self) -> None:
        """End with what there is, as no more will come: whole bars, if any."""
        if self._frames_of_bars is not None:
            bars = self.frames // self._frames_of_bars(1)
            while bars and self._frames_of_bars(bars) > self.frames:
                bars -= 1
            self.bars = bars
            self.frames = self._frames_of_bars(bars) if bars else 0
        self.done = True

    def _finish(self) -> None:
        if self._frames_of_bars is not None and not self.bars:
            self.bars = self._most_bars  # it was full
        self.done = True
