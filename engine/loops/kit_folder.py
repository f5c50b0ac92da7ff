"""The folder of a person's kits: each folder and soundfont in it is a kit, which has a name.

A request from another program may use these names, and no paths.
"""

import contextlib
import os
from pathlib import Path

import platformdirs

from engine.loops import soundfont
from engine.loops.errors import LoopError

_VARIABLE = "LOOPWRIGHT_KITS"
_MOST_NAMED = 12


def kits_folder() -> Path:
    """Return `Loopwright kits` in the music folder, or the folder that LOOPWRIGHT_KITS names."""
    named = os.environ.get(_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_music_dir()) / "Loopwright kits"


def kit_names() -> list[str]:
    """Return the names of the kits in that folder, and `gm` if the system has a soundfont."""
    names = [] if soundfont.system_font() is None else [soundfont.SYSTEM_NAME]
    with contextlib.suppress(OSError), os.scandir(kits_folder()) as entries:
        names += sorted(
            entry.name
            for entry in entries
            if (entry.is_dir() or soundfont.is_soundfont(Path(entry.name)))
            and not entry.name.startswith(".")
        )
    return names


def kit_paths() -> list[Path]:
    """Return the paths of all kits that have names."""
    return [_path_of(name) for name in kit_names()]


def named_kit(name: str) -> Path:
    """Return the folder or the soundfont of a kit.

    Raises:
        LoopError: there is no kit of that name.
    """
    names = kit_names()
    if name in names:
        return _path_of(name)
    known = f"choose one of {', '.join(names[:_MOST_NAMED])}" if names else "there are none yet"
    raise LoopError(f"There is no kit {name[:60]!r} in {kits_folder()}: {known}.")


def _path_of(name: str) -> Path:
    font = soundfont.system_font() if name == soundfont.SYSTEM_NAME else None
    return font or kits_folder() / name
