"""Records what the pads play, from one frame to another, without the clip playing under them.

It is filled inside the audio callback: all memory is allocated beforehand and only written to.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from playback.clocks import NEVER, Quantize

MAX_RECORDING_S = 240.0


class PadRecording:
    """One recording; it is whole bars long if `frames_of_bars` says how long those are."""

    def __init__(
        self,
        rate: int,
        frames_of_bars: Callable[[int], int] | None = None,
        *,
        max_s: float = MAX_RECORDING_S,
    ) -> None:
        """Prepare.

        Args:
            rate: the rate of the stream, in Hz.
            frames_of_bars: returns the length of a number of bars; None allows any length.
            max_s: the time after which it ends by itself; one bar always fits.
        """
        self.rate = rate
        self.quantize = Quantize.OFF if frames_of_bars is None else Quantize.BAR
        self.start_frame: int | None = None
        self.frames = 0
        self.bars = 0
        """How many bars it has, once it is done; 0 if it may have any length."""
        self.done = False
        self._end_frame = NEVER
        self._frames_of_bars = frames_of_bars
        max_frames = round(max_s * rate)
        if frames_of_bars is not None:
            self._max_bars = max(max_frames // frames_of_bars(1), 1)
            max_frames = frames_of_bars(self._max_bars)
        # Not written here, so that the system provides the memory only as it fills.
        self._buffer: NDArray[np.float32] = np.empty((max_frames, 2), dtype=np.float32)

    @property
    def audio(self) -> NDArray[np.float32]:
        """The recorded audio, (frames, 2)."""
        return self._buffer[: self.frames]

    def begin(self, frame: int) -> None:
        """Begin at a frame of the stream, unless it has already begun."""
        if self.start_frame is None:
            self.start_frame = frame

    def end(self, now: int) -> None:
        """End at once, or on the nearest bar line after the first."""
        start = self.start_frame
        if start is None or start >= now:
            self.done = True  # nothing has been recorded
        elif self._frames_of_bars is None:
            self._end_frame = now
        else:
            bars = round((now - start) / self._frames_of_bars(1))
            self.bars = min(max(bars, 1), self._max_bars)
            self._end_frame = start + self._frames_of_bars(self.bars)

    def take(self, mix: NDArray[np.float32], now: int) -> bool:
        """Record a block that begins at the frame `now`; return whether to continue."""
        start = self.start_frame
        if start is not None and not self.done:
            last = min(now + len(mix), self._end_frame, start + len(self._buffer))
            first = max(now, start)
            if last > first:
                self._buffer[first - start : last - start] = mix[first - now : last - now]
            if last > start:
                self.frames = last - start
            if last < now + len(mix):
                self._finish()
        return not self.done

    def finish_early(self) -> None:
        """End with what has been recorded, cut to whole bars where those are required."""
        if self._frames_of_bars is not None:
            bars = self.frames // self._frames_of_bars(1)
            while bars and self._frames_of_bars(bars) > self.frames:
                bars -= 1
            self.bars = bars
            self.frames = self._frames_of_bars(bars) if bars else 0
        self.done = True

    def _finish(self) -> None:
        if self._frames_of_bars is not None and not self.bars:
            self.bars = self._max_bars  # the buffer is full
        self.done = True
