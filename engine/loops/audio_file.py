"""Audio files from any program, as sources: every format that libsndfile decodes."""

import dataclasses
import math
from pathlib import Path

import numpy as np

from engine.loops.decoding import Sound, opened
from engine.loops.errors import UnreadableClip
from engine.loops.file_facts import FileFacts, read_facts
from engine.loops.take import Audio

LONGEST_SOURCE_S = 3600.0
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 768_000


@dataclasses.dataclass(frozen=True)
class AudioFile:
    """The audio of a file, (frames, 1 or 2 channels), and what the file says about itself."""

    audio: Audio
    rate: int
    facts: FileFacts


def read_audio(path: Path) -> AudioFile:
    """Read an audio file; of more than two channels, use the first two.

    If the audio is damaged, what comes before is read, and the facts say so.

    Raises:
        UnreadableClip: the file is missing, not audio, empty, silent or longer than an hour.
    """
    import soundfile

    facts = read_facts(path)
    pieces: list[Audio] = []
    with opened(path) as sound:
        _check_size(sound, path)
        try:
            pieces.extend(piece[:, :2] for piece in sound.pieces())
        except soundfile.SoundFileError as error:
            if not pieces:
                raise UnreadableClip(path, f"its {sound.format} audio is damaged") from error
            problems = (*facts.problems, f"its audio is damaged after {_seconds(pieces, sound)} s")
            facts = dataclasses.replace(facts, problems=problems)
        rate = sound.rate
    audio = np.concatenate(pieces) if pieces else np.zeros((0, 1), np.float32)
    if not len(audio):
        raise UnreadableClip(path, "it has no audio")
    if not np.isfinite(audio).all() or not audio.any():
        raise UnreadableClip(path, "it is silent or not finite")
    return AudioFile(np.ascontiguousarray(audio), rate, facts)


def _seconds(pieces: list[Audio], sound: Sound) -> str:
    return f"{sum(map(len, pieces)) / sound.rate:.1f}"


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
