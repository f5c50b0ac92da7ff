"""Time stretching with Signalsmith Stretch (Geraint Luff, MIT; python-stretch).

Which audio gets which block is decided in `engine.craft.retime`: attacks are smeared over a block,
and notes are out of tune if it is too short for them.
"""

import numpy as np

from engine.loops.take import Audio

LONG_BLOCK_S, SHORT_BLOCK_S = 0.12, 0.03
_OVERLAP = 4


def stretched(audio: Audio, frames: int, *, block_s: float, rate: int) -> Audio:
    """Return the audio stretched to exactly `frames` frames, at its pitch.

    Args:
        audio: (frames, channels) at `rate`.
        frames: the resulting length, at least 1.
        block_s: the length of the analysis, `SHORT_BLOCK_S` for drums, `LONG_BLOCK_S` for notes.
        rate: in Hz.
    """
    import python_stretch

    if len(audio) == frames:
        return audio
    engine = python_stretch.Signalsmith.Stretch(1)  # seeded: the same bytes on every run
    interval = max(1, round(block_s * rate / _OVERLAP))
    engine.configure(audio.shape[1], interval * _OVERLAP, interval)
    engine.setTimeFactor(len(audio) / frames)
    made = engine.process(np.ascontiguousarray(audio.T, dtype=np.float32))
    return of_length(np.asarray(made).T, frames)


def of_length(audio: Audio, frames: int) -> Audio:
    """Return the audio with exactly `frames` frames, cutting or repeating the last few."""
    if len(audio) < frames:
        audio = np.pad(audio, ((0, frames - len(audio)), (0, 0)), mode="edge")
    return np.ascontiguousarray(audio[:frames], dtype=np.float32)
