"""Reads an audio file as a source: its audio, and what is known about it without listening."""

from collections.abc import Callable
from pathlib import Path

from engine.loops.audio_file import AudioFile, read_audio
from engine.loops.source.facts import KnownFacts, StatedFacts
from engine.loops.source.gather import known_facts


def read_source(
    path: Path, stated: StatedFacts, on_piece: Callable[[], None]
) -> tuple[AudioFile, KnownFacts]:
    """Return the audio of a file, and what is known about it.

    Args:
        path: the file.
        stated: what a person says about it.
        on_piece: called before each piece that is read; it may raise to end the work.

    Raises:
        UnreadableClip: see `read_audio`.
    """
    file = read_audio(path, on_piece, stated.start_s)
    known = known_facts(stated, file.facts)
    if file.begins_s is not None:  # The places in the file are not those in this part of it.
        known = known.from_second(file.begins_s)
    return file, known
