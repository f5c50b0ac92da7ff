"""The folder of a person's kits: each folder in it is a kit, which has a name.

A request from another program may use these names, and no paths.
"""

import os
from pathlib import Path

import platformdirs

from engine.loops.errors import LoopError

_VARIABLE = "LOOPWRIGHT_KITS"
_MOST_NAMED = 12


def kits_folder() -> Path:
    """Return `Loopwright kits` in the music folder, or the folder that LOOPWRIGHT_KITS names."""
    named = os.environ.get(_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_music_dir()) / "Loopwright kits"


def kit_names() -> list[str]:
    """Return the names of the kits in that folder; empty if there is none."""
    try:
        return sorted(
            entry.name
            for entry in os.scandir(kits_folder())
            if entry.is_dir() and not entry.name.startswith(".")
        )
    except OSError:
        return []


def named_kit(name: str) -> Path:
    """Return the folder of a kit.

    Raises:
        LoopError: there is no kit of that name.
    """
    names = kit_names()
    if name in names:
        return kits_folder() / name
    known = f"choose one of {', '.join(names[:_MOST_NAMED])}" if names else "there are none yet"
    raise LoopError(f"There is no kit {name[:60]!r} in {kits_folder()}: {known}.")
