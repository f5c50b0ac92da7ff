"""The audio of a clip, ready to play: two channels, and its bars.

A loop is resampled as a circle, so that its end still runs into its beginning.
"""

import dataclasses
from pathlib import Path
from typing import Self

import numpy as np

from engine.loops.cancel import Check, no_check
from engine.loops.decoding import Sound, opened
from engine.loops.errors import UnreadableClip
from engine.loops.take import Audio
from engine.loops.tempo import LONGEST_SECONDS

_HIGHEST_RATE = 96_000
_CONTEXT_FRAMES = 147 * 160
"""Padding before and after a circle for resampling; whole frames at all common rates."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClipAudio:
    """A clip that has been read.

    Attributes:
        audio: (frames, 2), float32, contiguous.
        rate: in Hz.
        bars: how many bars it has; 0 for a one-shot, and for a file that does not say.
        beats: how many beats a bar has.
        share: how much of the file this is, 0..1, from its beginning.
    """

    audio: Audio
    rate: int
    bars: int
    beats: int
    share: float = 1.0

    @property
    def bar_frames(self) -> float:
        """The exact length of a bar; without bars, the length of the whole clip."""
        return len(self.audio) / max(self.bars, 1)

    def frame_range(self, bars: tuple[int, int] | None) -> tuple[int, int, int]:
        """Return the first and last frame of some bars, and the number of bars.

        Bars are counted from 1; None, or bars that the clip does not have, means the whole clip.
        """
        if bars is None or not 1 <= bars[0] <= bars[1] <= self.bars:
            return 0, len(self.audio), max(self.bars, 1)
        begin, end = round((bars[0] - 1) * self.bar_frames), round(bars[1] * self.bar_frames)
        return begin, end, bars[1] - bars[0] + 1

    def places_in_file(self, begin: int, end: int) -> tuple[float, float]:
        """Return where in the whole file two frames are, 0..1."""
        scale = self.share / len(self.audio)
        return begin * scale, end * scale

    def at_rate(self, rate: int) -> Self:
        """Return the clip at another rate."""
        frames = round(len(self.audio) * rate / self.rate)
        audio = resampled(self.audio, frames, circular=self.bars > 0)
        return dataclasses.replace(self, audio=audio, rate=rate)


def read_clip(path: Path, check: Check = no_check) -> ClipAudio:
    """Read an audio file for playback; NaN and infinite samples become silence.

    Of a file that is longer than any clip, the beginning is read.

    Args:
        path: the file.
        check: called before each piece that is read.

    Raises:
        UnreadableClip: the file is missing, not audio, damaged, or empty.
    """
    import soundfile

    from engine.loops.file_facts import read_facts

    facts = read_facts(path)
    try:
        with opened(path) as sound:
            audio, rate, frames = _beginning(sound, check), sound.rate, sound.frames
    except soundfile.SoundFileError as error:
        raise UnreadableClip(path, "it is damaged") from error
    if not len(audio):
        raise UnreadableClip(path, "it has no audio")
    if not np.isfinite(audio).all():  # a converter would play these at full scale
        audio = np.nan_to_num(audio, nan=0.0, posinf=0.0, neginf=0.0)
    grid = None if facts.recipe is None else facts.recipe.grid
    return ClipAudio(
        audio=audio,
        rate=rate,
        bars=grid.bars if grid is not None and grid.is_loop else 0,
        beats=grid.meter.numerator if grid is not None else 4,
        share=min(1.0, len(audio) / max(frames, 1)),
    )


def _beginning(sound: Sound, check: Check) -> Audio:
    """Return as much audio as the longest clip has, (frames, 2); no second copy is held."""
    most = LONGEST_SECONDS * min(sound.rate, _HIGHEST_RATE)
    audio = np.empty((min(sound.frames, most), 2), np.float32)
    filled = 0
    for piece in sound.stereo_pieces():
        check()
        end = min(filled + len(piece), most)
        if end > len(audio):  # of some files, `frames` is only an estimate
            audio = np.concatenate([audio[:filled], np.empty((end - filled, 2), np.float32)])
        audio[filled:end] = piece[: end - filled]
        filled = end
        if filled == most:
            break
    return audio[:filled]


def resampled(audio: Audio, frames: int, *, circular: bool) -> Audio:
    """Return audio, (frames, 2), resampled to `frames` frames.

    Args:
        audio: float32.
        frames: at least 1; half of the original number is an octave higher.
        circular: keep the end running into the beginning. Nothing then moves by more than one
            frame, and by none between common rates and octaves.
    """
    import soxr

    if frames == len(audio):
        return audio
    before = np.arange(-_CONTEXT_FRAMES, 0)
    after = np.arange(len(audio), len(audio) + _CONTEXT_FRAMES)
    source = audio
    if circular:
        source = np.concatenate(
            [audio.take(before, 0, mode="wrap"), audio, audio.take(after, 0, mode="wrap")]
        )
    made = soxr.resample(source, float(len(audio)), float(frames))
    first = -(-_CONTEXT_FRAMES * frames // len(audio)) if circular else 0
    whole = made[first : first + frames]
    missing = frames - len(whole)  # the last frame of a one-shot may round away
    return np.ascontiguousarray(np.pad(whole, ((0, missing), (0, 0))), dtype=np.float32)
