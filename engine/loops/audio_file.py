"""Audio files from any program, as sources: every format that libsndfile decodes."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from engine.loops.decoding import Sound, opened
from engine.loops.errors import UnreadableClip
from engine.loops.file_facts import FileFacts, read_facts
from engine.loops.measure import loudest_seconds
from engine.loops.take import Audio

LONGEST_SOURCE_S = 3600.0
LONGEST_PART_S = 120
"""How much of a long file is read."""
MOST_SAMPLES = 600 * 96_000 * 2
"""How much is read as a whole: the longest clip, at the highest rate."""
_MOST_DECODED = 2_000_000_000
"""How many samples, of all channels, are decoded at most: about half a minute of work."""
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 768_000


@dataclasses.dataclass(frozen=True)
class AudioFile:
    """The audio of a file, (frames, 1 or 2 channels), and what the file says about itself."""

    audio: Audio
    rate: int
    facts: FileFacts
    begins_s: float | None = None
    """Where the audio begins in a file that is too long to be read as a whole; else None."""


def read_audio(
    path: Path, on_piece: Callable[[], None] = lambda: None, start_s: float | None = None
) -> AudioFile:
    """Read an audio file; more than two channels are folded down to two.

    Of a file that is longer than any loop, only two minutes are read, the loudest or those from
    `start_s`, so that a small file never takes much memory. If the audio is damaged, what comes
    before is read, and the facts say so.

    Args:
        path: the file.
        on_piece: called before each piece that is read; it may raise to end the work.
        start_s: where the part of a long file begins, in seconds; None: where it is loudest.

    Raises:
        UnreadableClip: the file is missing, not audio, empty, silent or too long.
    """
    facts = read_facts(path)
    reading = _Reading(path, on_piece)
    part = reading.part(start_s) if reading.is_long else range(MOST_SAMPLES)
    kept = [
        piece[max(0, part.start - position) : max(0, part.stop - position)].copy()
        for position, piece in reading.pieces()
        if position < part.stop
    ]
    audio = np.concatenate(kept) if kept else np.zeros((0, 1), np.float32)
    if reading.problem:
        facts = dataclasses.replace(facts, problems=(*facts.problems, reading.problem))
    if not len(audio):
        raise UnreadableClip(path, "it has no audio")
    if not np.isfinite(audio).all() or not audio.any():
        raise UnreadableClip(path, "it is silent or not finite")
    if reading.is_long:
        return AudioFile(audio, reading.rate, facts, part.start / reading.rate)
    return AudioFile(audio, reading.rate, dataclasses.replace(facts, frames=len(audio)))


class _Reading:
    """Reads an audio file as stereo from its start, as often as needed.

    Attributes:
        rate: of the file, in Hz.
        is_long: whether it holds more than is read as a whole.
        problem: where its audio is damaged, in words; empty if it is not, as far as it was read.
    """

    def __init__(self, path: Path, on_piece: Callable[[], None]) -> None:
        self._path = path
        self._on_piece = on_piece
        self.problem = ""
        with opened(path) as sound:
            _check_size(sound, path)
            self.rate = sound.rate
            self._channels = min(sound.channels, 2)
            self.is_long = sound.frames * self._channels > MOST_SAMPLES

    def pieces(self) -> Iterator[tuple[int, Audio]]:
        """Yield the audio in pieces, each with the position of its first frame.

        Raises:
            UnreadableClip: its audio is damaged from the start, or longer than the file says.
        """
        import soundfile

        position = 0
        with opened(self._path) as sound:
            pieces = sound.stereo_pieces()
            try:
                for piece in pieces:
                    self._on_piece()
                    yield position, piece
                    position += len(piece)
                    if position > LONGEST_SOURCE_S * self.rate:
                        raise UnreadableClip(self._path, "it is longer than it says")
            except soundfile.SoundFileError as error:
                if not position:
                    reason = f"its {sound.format} audio is damaged"
                    raise UnreadableClip(self._path, reason) from error
                self.problem = f"its audio is damaged after {position / self.rate:.1f} s"

    def part(self, start_s: float | None) -> range:
        """Return two minutes of frames: those from `start_s`, or else the loudest."""
        longest = max(1, min(LONGEST_PART_S, MOST_SAMPLES // (self._channels * self.rate)))
        start = self._loudest(longest) if start_s is None else start_s
        first = round(start * self.rate)
        return range(first, first + longest * self.rate)

    def _loudest(self, longest: int) -> int:
        power = np.zeros(math.ceil(LONGEST_SOURCE_S) + 2)
        for position, piece in self.pieces():
            seconds = (position + np.arange(len(piece))) // self.rate
            power += np.bincount(seconds, np.einsum("fc,fc->f", piece, piece), len(power))
        return loudest_seconds(power, longest)


def format_of(path: Path) -> tuple[int, bool]:
    """Return the rate of an audio file in Hz, and whether its samples are floating point.

    Raises:
        UnreadableClip: see `read_audio`.
    """
    with opened(path) as sound:
        _check_size(sound, path)
        return sound.rate, sound.bits.endswith("f")


def look_at_audio(path: Path) -> FileFacts:
    """Check that an audio file is readable without reading it all, and return its facts.

    Raises:
        UnreadableClip: the file is missing, not audio, empty or longer than an hour.
    """
    with opened(path) as sound:
        _check_size(sound, path)
        if not sound.frames:
            raise UnreadableClip(path, "it has no audio")
    return read_facts(path)


def _check_size(sound: Sound, path: Path) -> None:
    if not _LOWEST_RATE <= sound.rate <= _HIGHEST_RATE:
        raise UnreadableClip(path, f"its sample rate is {sound.rate} Hz")
    if sound.frames > LONGEST_SOURCE_S * sound.rate:
        minutes = math.ceil(sound.frames / sound.rate / 60)
        raise UnreadableClip(path, f"it lasts {minutes} minutes, over the limit of 60")
    if sound.frames * sound.channels > _MOST_DECODED:
        raise UnreadableClip(
            path,
            f"it holds {sound.frames:,} frames of {sound.channels} channels, which is too much: "
            "cut out the part that you need",
        )
