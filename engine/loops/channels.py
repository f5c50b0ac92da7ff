"""Folds audio of more than two channels down to stereo, by the positions of its channels.

The gains are those of ITU-R BS.775: the centre goes to both channels and each side to its own, at
-3 dB; the low-frequency channel is left out. Channels without loudspeaker positions, such as the
tracks of a field recorder, are all mixed into both.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from engine.loops.take import Audio

_SIDE = np.float32(np.sqrt(0.5))
_GAINS = {
    "L": (1, 0), "R": (0, 1), "C": (_SIDE, _SIDE), "LFE": (0, 0),
    "Ls": (_SIDE, 0), "Rs": (0, _SIDE), "Cs": (0.5, 0.5), "Lc": (1, 0), "Rc": (0, 1),
    "Th": (0.5, 0.5),
}  # fmt: skip
_BY_BIT = (
    "L", "R", "C", "LFE", "Ls", "Rs", "Lc", "Rc", "Cs", "Ls", "Rs", "Th",
    "L", "C", "R", "Ls", "Cs", "Rs",
)  # fmt: skip
"""The loudspeakers of the bits of a WAV file's channel mask, the lowest first."""
_USUAL = {
    3: "L R C",
    4: "L R Ls Rs",
    5: "L R C Ls Rs",
    6: "L R C LFE Ls Rs",
    7: "L R C LFE Cs Ls Rs",
    8: "L R C LFE Ls Rs Ls Rs",
}
_XIPH = {
    3: "L C R",
    4: "L R Ls Rs",
    5: "L C R Ls Rs",
    6: "L C R Ls Rs LFE",
    7: "L C R Ls Rs Cs LFE",
    8: "L C R Ls Rs Ls Rs LFE",
}
"""The order of Vorbis I, which Opus has as well."""


def folded_down(audio: Audio, mask: int | None = None, *, xiph: bool = False) -> Audio:
    """Return audio with one or two channels.

    Args:
        audio: (frames, channels).
        mask: the loudspeakers of the channels, as in WAV files; 0 means that they have none, and
            None that they are unknown.
        xiph: whether the channels are in the order of Vorbis and Opus.
    """
    channels = audio.shape[1]
    if channels <= 2:
        return audio
    stereo: Audio = audio @ _matrix(channels, mask, xiph)
    return stereo


@functools.cache
def _matrix(channels: int, mask: int | None, xiph: bool) -> NDArray[np.float32]:  # noqa: FBT001
    """Return the gains of each channel in the left and the right one, (channels, 2)."""
    if mask:
        named = [name for bit, name in enumerate(_BY_BIT) if mask >> bit & 1][:channels]
    else:
        usual = "" if mask == 0 else (_XIPH if xiph else _USUAL).get(channels, "")
        named = usual.split()
    if not named:
        return np.full((channels, 2), channels**-0.5, np.float32)
    gains = [_GAINS[name] for name in named] + [(0, 0)] * (channels - len(named))
    return np.array(gains, np.float32)
