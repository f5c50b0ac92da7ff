"""Which frame of a stream is asked for at which time: the sound device's beat, without its jitter.

Callbacks come late, and several at once, so a single one tells the time no better than that. The
error is averaged out, after F. Adriaensen, "Using a DLL to filter time" (2005), in the first order:
the clock of a device drifts by far less than what is left then.
"""

_WEIGHT = 0.05
_JUMP_S = 0.1
"""Callbacks that are this far away from where they should be: the stream stood still."""


class StreamClock:
    """The clock of one stream; the callback notes, any other thread may ask."""

    def __init__(self, rate: int) -> None:
        """Prepare for a stream of `rate` frames a second."""
        self._rate = rate
        self._origin_s: float | None = None

    def note(self, frame: int, now_s: float) -> None:
        """A callback that begins at a frame came at a time of `time.monotonic`."""
        seen_s = now_s - frame / self._rate
        origin_s = self._origin_s
        if origin_s is None or abs(seen_s - origin_s) > _JUMP_S:
            self._origin_s = seen_s
        else:
            self._origin_s = origin_s + _WEIGHT * (seen_s - origin_s)

    def frame_at(self, monotonic_s: float, now_s: float) -> int:
        """Return the frame that is asked for at a time; before any callback, frame 0 is now."""
        origin_s = now_s if self._origin_s is None else self._origin_s
        return round((monotonic_s - origin_s) * self._rate)
