"""What a model needs and what this computer has, shown before anything is downloaded.

The sizes come from the catalogue and are approximate; a download asks the hub and checks again.
"""

import shutil
from pathlib import Path

import msgspec

from engine.models.entry import ModelEntry
from engine.models.errors import gigabytes
from engine.models.memory import SPARE_BYTES

SPARE_DISK_BYTES = 100_000_000
"""The disk space that a download leaves free."""


class Capacity(msgspec.Struct, frozen=True):
    """Bytes free on the disk of the models, and total memory in bytes."""

    disk_free: int
    memory: int


class Need(msgspec.Struct, frozen=True):
    """What a model needs of one resource, in a sentence, and whether there is enough."""

    text: str
    met: bool


def capacity_at(root: Path) -> Capacity:
    """Return what this computer has, for a store below `root`, which need not exist yet.

    Raises:
        OSError: the disk cannot be queried.
    """
    import psutil

    place = next(each for each in (root, *root.parents) if each.exists())
    return Capacity(shutil.disk_usage(place).free, int(psutil.virtual_memory().total))


def disk_need(entry: ModelEntry, capacity: Capacity, here: int = 0) -> Need:
    """Return what a model needs on disk, minus the bytes that are already `here`."""
    needed = max(_disk_bytes(entry) - here, 0)
    free = gigabytes(capacity.disk_free)
    text = f"Needs about {gigabytes(needed)} of disk space; {free} is free"
    met = needed + SPARE_DISK_BYTES <= capacity.disk_free
    return Need(f"{text}." if met else f"{text}: free some space first.", met)


def _disk_bytes(entry: ModelEntry) -> int:
    """Return the disk space that a download needs, with that of a conversion after it."""
    return entry.size_bytes * (2 if entry.pickled else 1)


def conversion_note(entry: ModelEntry) -> str:
    """Return what a person should know of a model whose weights will be converted; else nothing."""
    if not entry.pickled:
        return ""
    return (
        "Its weights are published in files that can hold code. Loopwright converts them after the "
        "download, in a process that can reach nothing else; until then it needs another "
        f"{gigabytes(entry.size_bytes)} on the disk."
    )


def memory_need(entry: ModelEntry, capacity: Capacity) -> Need:
    """Return the memory that a model needs for 8 seconds in float32."""
    text = (
        f"Needs about {gigabytes(entry.memory_bytes)} of memory for 8 seconds; this computer has "
        f"{gigabytes(capacity.memory)}"
    )
    met = entry.memory_bytes + SPARE_BYTES <= capacity.memory
    return Need(f"{text}." if met else f"{text}: it will probably not run here.", met)
