"""Longer or shorter without another pitch, higher or lower without another length.

The work is done by Signalsmith Stretch (Geraint Luff, MIT; python-stretch). Its blocks are chosen
by what is played: short ones keep the attacks of drums, long ones the beating of chords.
"""

import numpy as np

from engine.loops.take import Audio

LONG_BLOCK_S, SHORT_BLOCK_S = 0.06, 0.03
_OVERLAP = 4
_NOT_WORTH_IT = 5e-4
"""Less than this share of length (0.9 cents) is done by resampling: nothing is smeared."""


def stretched(
    audio: Audio, frames: int, *, semitones: float = 0.0, block_s: float = LONG_BLOCK_S,
    rate: int = 48_000,
) -> Audio:  # fmt: skip
    """Return audio of exactly `frames` frames that plays the same, faster or slower.

    Args:
        audio: (frames, channels) at `rate`.
        frames: the length to come out, at least 1.
        semitones: how much higher it is to sound.
        block_s: the length of the analysis, `SHORT_BLOCK_S` for drums, `LONG_BLOCK_S` for notes.
        rate: in Hz.
    """
    import python_stretch
    import soxr

    if semitones:
        # Played faster, exactly as much higher as it is to sound; then brought to length.
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
    """Return the audio with exactly `frames` frames: a rounding's worth cut off or repeated."""
    if len(audio) < frames:
        audio = np.pad(audio, ((0, frames - len(audio)), (0, 0)), mode="edge")
    return np.ascontiguousarray(audio[:frames], dtype=np.float32)
