"""Audio files from any program, as sources: WAV, AIFF, FLAC and whatever libsndfile reads."""

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.take import Audio
from engine.loops.wav import WavFacts, read_facts

LONGEST_SOURCE_S = 3600.0
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 768_000


@dataclasses.dataclass(frozen=True)
class AudioFile:
    """The audio of a file, (frames, 1 or 2 channels), and its tags if it is a WAV file."""

    audio: Audio
    rate: int
    facts: WavFacts | None


def read_audio(path: Path) -> AudioFile:
    """Read an audio file; of more than two channels, use the first two.

    Raises:
        UnreadableClip: the file is missing, not audio, empty, silent or longer than an hour.
    """
    with _opened(path) as sound:
        audio = sound.read(dtype="float32", always_2d=True)[:, :2]
        rate = sound.samplerate
    if not np.isfinite(audio).all() or not audio.any():
        raise UnreadableClip(path, "it is silent or not finite")
    return AudioFile(np.ascontiguousarray(audio), rate, _facts(path))


def format_of(path: Path) -> tuple[int, bool]:
    """Return the rate of an audio file in Hz, and whether its samples are floating point.

    Raises:
        UnreadableClip: see `read_audio`.
    """
    with _opened(path) as sound:
        return sound.samplerate, sound.subtype in ("FLOAT", "DOUBLE")


def look_at_audio(path: Path) -> WavFacts | None:
    """Check that an audio file is readable without reading it all, and return its tags.

    Raises:
        UnreadableClip: the file is missing, not audio, empty or longer than an hour.
    """
    with _opened(path) as sound:
        if not sound.frames:
            raise UnreadableClip(path, "it has no audio")
    return _facts(path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import soundfile

    try:
        with path.open("rb") as stream, soundfile.SoundFile(stream) as sound:
            if not _LOWEST_RATE <= sound.samplerate <= _HIGHEST_RATE:
                raise UnreadableClip(path, f"its sample rate is {sound.samplerate} Hz")
            if sound.frames > LONGEST_SOURCE_S * sound.samplerate:
                minutes = math.ceil(sound.frames / sound.samplerate / 60)
                raise UnreadableClip(path, f"it lasts {minutes} minutes, over the limit of 60")
            yield sound
    except OSError as error:
        raise UnreadableClip(path, (error.strerror or str(error)).lower()) from error
    except soundfile.SoundFileError as error:
        raise UnreadableClip(path, "it is not a readable audio file") from error


def _facts(path: Path) -> WavFacts | None:
    """Return the tags of a WAV file; None if they are damaged, since the audio is still good."""
    try:
        return read_facts(path)
    except LoopError:
        return None
