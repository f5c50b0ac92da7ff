"""Peak level for a meter: the highest sample of each side since the last reading.

It runs inside the audio callback: it allocates no audio, waits for no lock and does no I/O.
"""

import numpy as np
from numpy.typing import NDArray

_Samples = NDArray[np.float32]


class Level:
    """Tracks the peak of all blocks; the meter takes it as often as it likes."""

    def __init__(self, block_frames: int) -> None:
        """Prepare for blocks of at most `block_frames`."""
        self._peak: _Samples = np.zeros(2, dtype=np.float32)
        self._block_peak: _Samples = np.zeros(2, dtype=np.float32)
        self._scratch: _Samples = np.empty((block_frames, 2), dtype=np.float32)

    def on_block(self, out: _Samples) -> None:
        """Measure a block, (frames, 2), of at least one frame."""
        scratch = self._scratch[: len(out)]
        np.abs(out, out=scratch)
        np.max(scratch, axis=0, out=self._block_peak)
        np.maximum(self._peak, self._block_peak, out=self._peak)

    def take(self) -> tuple[float, float]:
        """Return the peak of left and right since the last call, and reset it.

        A block that arrives in between may be missing from the meter, and from nothing else.
        """
        left, right = float(self._peak[0]), float(self._peak[1])
        self._peak[:] = 0
        return left, right
