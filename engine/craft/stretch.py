"""Time stretching and pitch shifting.

Uses Signalsmith Stretch (Geraint Luff, MIT; python-stretch). The block length depends on the
material: short blocks keep the attacks of drums, long ones the beating of chords.
"""

import numpy as np

from engine.loops.take import Audio

LONG_BLOCK_S, SHORT_BLOCK_S = 0.06, 0.03
_OVERLAP = 4
_NOT_WORTH_IT = 5e-4
"""Changes below this share of the length (0.9 cents) are resampled: nothing is smeared."""


def stretched(
    audio: Audio, frames: int, *, semitones: float = 0.0, block_s: float = LONG_BLOCK_S,
    rate: int = 48_000,
) -> Audio:  # fmt: skip
    """Return the audio stretched to exactly `frames` frames.

    Args:
        audio: (frames, channels) at `rate`.
        frames: the resulting length, at least 1.
        semitones: the pitch shift upwards.
        block_s: the length of the analysis, `SHORT_BLOCK_S` for drums, `LONG_BLOCK_S` for notes.
        rate: in Hz.
    """
    import python_stretch
    import soxr

    if semitones:
        # Resampled to the new pitch first, then stretched to length.
        faster = 2 ** (semitones / 12)
        audio = soxr.resample(audio, faster, 1.0)
    if len(audio) == frames:
        return audio
    if abs(frames / len(audio) - 1) < _NOT_WORTH_IT:
        return of_length(soxr.resample(audio, len(audio), frames), frames)
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
