"""The takes of a long job: on the disk instead of in memory, until they are ranked and written."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from engine.craft.finish import FinishedTake
from engine.loops.take import Audio

SAMPLE_BYTES = 4
MOST_BYTES = 256 * 2**20
"""How much audio of one job is kept in memory."""


def spooled_bytes(audio_bytes: int) -> int:
    """Return how much of the audio of a job goes to the disk: all of it, or nothing."""
    return audio_bytes if audio_bytes > MOST_BYTES else 0


def spooled(take: FinishedTake, folder: Path) -> FinishedTake:
    """Return a take whose audio is in a file without a name, which is deleted with the take.

    If the disk has no room, the take stays in memory.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(np.ascontiguousarray(take.audio).data.cast("B"))
            file.flush()
            audio: Audio = np.asarray(np.memmap(file, np.float32, "r", shape=take.audio.shape))
    except OSError:
        return take
    return dataclasses.replace(take, audio=audio)
