"""Playback of a sound while the engine is still making it: its `preview` file, read as it grows."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from engine.loops import files
from engine.loops.take import Audio
from playback.mixer import Voice

MAX_S = 600.0


class GrowingSound:
    """A hidden file of raw float32 frames, read as far as the engine reports it has grown.

    It is resampled piece by piece to the playback rate.
    """

    def __init__(self, path: Path, rate: int, channels: int, total_frames: int) -> None:
        """Start empty; about `total_frames` are expected, with 1 or 2 interleaved channels."""
        self.path = path
        self._rate = rate
        self._channels = channels
        self._max = round(min(total_frames / rate, MAX_S) * rate)
        self._pieces: list[Audio] = []
        self._read = 0
        self.whole = False
        """Whether the sound is complete."""

    def read(self, frames: int) -> None:
        """Read up to `frames` in total; parts that cannot be read are left out."""
        missing = min(frames, self._max) - self._read
        if missing <= 0:
            return
        with contextlib.suppress(OSError, ValueError):
            with files.reading(self.path) as stream:
                stream.seek(self._read * self._channels * 4)
                piece = np.fromfile(stream, "<f4", count=missing * self._channels)
            piece = piece.reshape(-1, self._channels)
            self._pieces.append(np.repeat(piece, 2, axis=1) if self._channels == 1 else piece)
            self._read += len(piece)

    def voice(self, rate: int) -> "GrowingVoice":
        """Return a voice that plays it from its beginning, at a rate."""
        return GrowingVoice(self, rate)

    @property
    def pieces(self) -> list[Audio]:
        """The audio so far, (frames, 2) each, at the model's rate."""
        return self._pieces

    @property
    def rate(self) -> int:
        """The model's rate, in Hz."""
        return self._rate

    @property
    def max_frames(self) -> int:
        """The largest number of frames it can reach."""
        return self._max


class GrowingVoice(Voice):
    """Plays a growing sound: silence while more is to come, and the end when it is complete.

    The reading thread calls `grow`; the callback only plays what is there.
    """

    __slots__ = ("_done", "_ready", "_resampler", "_sound", "_used")

    def __init__(self, sound: GrowingSound, rate: int) -> None:
        import soxr

        frames = round(sound.max_frames * rate / sound.rate) + rate
        audio = np.zeros((frames, 2), np.float32)
        super().__init__(sound.path, audio, loop=False, bar_frames=frames, on_bar=False)
        self._sound = sound
        self._resampler: Any = soxr.ResampleStream(sound.rate, rate, 2)
        self._used, self._ready, self._done = 0, 0, False
        self.grow()

    def grow(self) -> None:
        """Add everything new in one step, so that the callback never sees half of it."""
        whole = self._sound.whole
        pieces = self._sound.pieces[self._used :]
        end = self._ready
        for piece in pieces:
            end = self._write(end, np.ascontiguousarray(piece))
        self._used += len(pieces)
        if whole and not self._done:
            end = self._write(end, np.zeros((0, 2), np.float32), last=True)
        self._ready = end  # Set last: the callback reads up to here.
        self._done = whole

    def _write(self, at: int, piece: Audio, *, last: bool = False) -> int:
        """Write a piece, resampled, at a frame; return the frame after it."""
        sound = self._resampler.resample_chunk(piece, last=last)
        end = min(at + len(sound), len(self.audio))
        self.audio[at:end] = sound[: end - at]
        return end

    def play_into(self, out: Audio) -> bool:
        """Write the next frames; return whether there may be more. `out` is (frames, 2)."""
        count = min(len(out), self._ready - self.position)
        out[:count] = self.audio[self.position : self.position + count]
        out[count:] = 0
        self.position += count
        return not (self._done and self.position >= self._ready)
