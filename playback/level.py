"""How loud it is, for a meter: the highest sample of each side since it was asked last.

It runs inside the sound callback: it allocates no audio, waits for no lock and does no I/O.
"""

import numpy as np
from numpy.typing import NDArray

_Samples = NDArray[np.float32]


class Level:
    """Hears each block; whoever shows it takes the peak as often as it likes."""

    def __init__(self, block_frames: int) -> None:
        """Prepare for blocks of at most `block_frames`."""
        self._peak: _Samples = np.zeros(2, dtype=np.float32)
        self._here: _Samples = np.zeros(2, dtype=np.float32)
        self._room: _Samples = np.empty((block_frames, 2), dtype=np.float32)

    def on_block(self, out: _Samples) -> None:
        """Take in a block, (frames, 2), of at least one frame."""
        room = self._room[: len(out)]
        np.abs(out, out=room)
        np.max(room, axis=0, out=self._here)
        np.maximum(self._peak, self._here, out=self._peak)

    def take(self) -> tuple[float, float]:
        """Return the peak of left and right since the last time, and begin again.

        A block that comes in between is lost to the meter at worst, and to nothing else.
        """
        left, right = float(self._peak[0]), float(self._peak[1])
        self._peak[:] = 0
        return left, right
