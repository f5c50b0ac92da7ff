"""Soundfonts (SF2, SF3) and the program that plays them: FluidSynth, if it is installed.

FluidSynth (LGPL) is neither part of Loopwright nor loaded into it: it runs as a process of its own,
which a damaged font cannot take the engine down with.
"""

import os
import shutil
from pathlib import Path

from engine.loops.files import reading

SUFFIXES = (".sf2", ".sf3")
SYSTEM_NAME = "gm"
"""The name of the system's own font, as a kit."""
_SYSTEM_FONTS = (
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/opt/homebrew/share/soundfonts/default.sf2",
    "/usr/local/share/soundfonts/default.sf2",
)
_MORE_PROGRAMS = ("/opt/homebrew/bin", "/usr/local/bin")
"""Programs started from the desktop of a Mac do not have these in their PATH."""
_HEAD_BYTES = 12


def is_soundfont(path: Path) -> bool:
    """Return whether a path has the suffix of a soundfont."""
    return path.suffix.lower() in SUFFIXES


def begins_as_soundfont(path: Path) -> bool:
    """Return whether a file begins as soundfonts do.

    Raises:
        OSError: it cannot be read.
    """
    with reading(path) as file:
        head = file.read(_HEAD_BYTES)
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def system_font() -> Path | None:
    """Return the system's General MIDI font, under its own name; None if there is none."""
    found = next((path for path in map(Path, _SYSTEM_FONTS) if path.is_file()), None)
    return None if found is None else found.resolve()


def player() -> str | None:
    """Return the path of FluidSynth; None if it is not installed."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_MORE_PROGRAMS))
    return shutil.which("fluidsynth", path=path)
