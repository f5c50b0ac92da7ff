"""The click of the metronome, on the beat of what is heard; it runs inside the sound callback.

It allocates no audio, waits for no lock and does no I/O.
"""

import numpy as np
from numpy.typing import NDArray

from playback.bar_clock import BarClock, Quantize

CLICK_FRAMES = 720
_USUAL_RATE = 48_000

_Samples = NDArray[np.float32]


def _click(hertz: float, gain: float) -> _Samples:
    """Return a short falling tone, (frames, 2); at another rate than the usual it is as long."""
    time_s = np.arange(CLICK_FRAMES, dtype=np.float64) / _USUAL_RATE
    tone = gain * np.sin(2 * np.pi * hertz * time_s) * np.exp(-time_s / 0.003)
    return np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)


class Metronome:
    """Clicks where it is `on`, which any thread may set; the first beat of a bar is accented."""

    def __init__(self) -> None:
        self.on = False
        self.accent, self.plain = _click(1_760.0, 0.5), _click(1_174.7, 0.35)
        self._sound: _Samples | None = None
        self._begun_at = 0
        self._done = 0

    def add_to(self, out: _Samples, now: int, clock: BarClock | None) -> None:
        """Add the clicks of a stretch that begins with the frame `now` of the stream.

        Args:
            out: (frames, 2), no longer than a block.
            now: the frame of the stream.
            clock: the beat that runs along the stretch; None for none.
        """
        self._go_on(out, now)
        if not self.on or clock is None:
            return
        at, end = clock.next_line(now, Quantize.BEAT), now + len(out)
        while at < end:
            beat = round((at - clock.origin) / clock.bar_frames * clock.beats)
            self._sound = self.plain if beat % clock.beats else self.accent
            self._begun_at, self._done = at, 0
            self._go_on(out, now)
            at = clock.next_line(at + 1, Quantize.BEAT)

    def _go_on(self, out: _Samples, now: int) -> None:
        """Add what is left of the click that was begun last."""
        if self._sound is None:
            return
        first = self._begun_at + self._done - now
        count = min(CLICK_FRAMES - self._done, len(out) - first)
        block = out[first : first + count]
        np.add(block, self._sound[self._done : self._done + count], out=block)
        self._done += count
        if self._done == CLICK_FRAMES:
            self._sound = None
