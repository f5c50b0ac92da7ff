"""What a model takes of this computer, and what the computer has: said before anything is fetched.

The sizes are those of the catalogue, so about; a download asks the hub, and looks again.
"""

import shutil
from pathlib import Path

import msgspec

from engine.models.entry import ModelEntry
from engine.models.errors import gigabytes
from engine.models.memory import SPARE_BYTES

SPARE_DISK_BYTES = 100_000_000
"""What a download leaves free."""


class Capacity(msgspec.Struct, frozen=True):
    """What a computer has, in bytes: free on the disk where the models go, and memory in all."""

    disk_free: int
    memory: int


class Need(msgspec.Struct, frozen=True):
    """What a model needs of one thing, in a sentence, and whether there is enough of it."""

    told: str
    met: bool


def capacity_at(root: Path) -> Capacity:
    """Return what this computer has, for a store below `root`, which need not be there yet.

    Raises:
        OSError: the disk cannot be asked.
    """
    import psutil

    place = next(each for each in (root, *root.parents) if each.exists())
    return Capacity(shutil.disk_usage(place).free, int(psutil.virtual_memory().total))


def disk_need(entry: ModelEntry, room: Capacity, here: int = 0) -> Need:
    """Return what a model needs of the disk, beside the bytes of it that are `here` already."""
    needed = max(entry.size_bytes - here, 0)
    told = f"About {gigabytes(needed)} to fetch, and {gigabytes(room.disk_free)} free on the disk"
    met = needed + SPARE_DISK_BYTES <= room.disk_free
    return Need(f"{told}." if met else f"{told}: free some space first.", met)


def memory_need(entry: ModelEntry, room: Capacity) -> Need:
    """Return what a model needs of the memory, to play 8 seconds in float32."""
    told = (
        f"About {gigabytes(entry.memory_bytes)} of memory for 8 seconds, and this computer has "
        f"{gigabytes(room.memory)}"
    )
    met = entry.memory_bytes + SPARE_BYTES <= room.memory
    return Need(f"{told}." if met else f"{told}: it will hardly run here.", met)
