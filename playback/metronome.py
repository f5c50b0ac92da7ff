"""The metronome's click, on the beat of what is playing; it runs inside the audio callback.

It allocates no audio, waits for no lock and does no I/O.
"""

import numpy as np
from numpy.typing import NDArray

from playback.clocks import BarClock, Quantize

CLICK_FRAMES = 720
_USUAL_RATE = 48_000

_Samples = NDArray[np.float32]


def _click(hertz: float, gain: float) -> _Samples:
    """Return a short decaying tone, (frames, 2); the frame count is the same at any rate."""
    time_s = np.arange(CLICK_FRAMES, dtype=np.float64) / _USUAL_RATE
    tone = gain * np.sin(2 * np.pi * hertz * time_s) * np.exp(-time_s / 0.003)
    return np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)


class Metronome:
    """Clicks while it is `on`, which any thread may set; the first beat of a bar is accented."""

    def __init__(self) -> None:
        self.on = False
        self.accent, self.plain = _click(1_760.0, 0.5), _click(1_174.7, 0.35)
        self._sound: _Samples | None = None
        self._begun_at = 0
        self._done = 0

    def add_to(self, out: _Samples, now: int, clock: BarClock | None) -> None:
        """Add the clicks of a block that begins at the frame `now` of the stream.

        Args:
            out: (frames, 2), no longer than a block.
            now: the frame of the stream.
            clock: the beat that runs during the block; None for none.
        """
        self._continue_click(out, now)
        if not self.on or clock is None:
            return
        at, end = clock.quantized(now, Quantize.BEAT), now + len(out)
        while at < end:
            beat = round((at - clock.origin) / clock.bar_frames * clock.beats)
            self._sound = self.plain if beat % clock.beats else self.accent
            self._begun_at, self._done = at, 0
            self._continue_click(out, now)
            at = clock.quantized(at + 1, Quantize.BEAT)

    def _continue_click(self, out: _Samples, now: int) -> None:
        """Add the rest of a click that has begun."""
        if self._sound is None:
            return
        first = self._begun_at + self._done - now
        count = min(CLICK_FRAMES - self._done, len(out) - first)
        block = out[first : first + count]
        np.add(block, self._sound[self._done : self._done + count], out=block)
        self._done += count
        if self._done == CLICK_FRAMES:
            self._sound = None
