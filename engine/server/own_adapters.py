"""Finds the adapters that a request names, in one folder of the person's own.

The folder is `adapters` among the models; no path comes from a request or a recipe. Only
safetensors files are read, which cannot hold code, and only with a valid header.
"""

from pathlib import Path

from engine.loops.adapters import adapters_named
from engine.loops.errors import LoopError
from engine.models.headers import BadHeader, read_header

Adapters = tuple[tuple[Path, float], ...]
"""The file of each adapter, and by how much it counts."""
_SUFFIX = ".safetensors"


def adapters_for(text: str | None, folder: Path) -> Adapters:
    """Return the adapters of a request.

    Args:
        text: see `engine.loops.adapters`.
        folder: that of the adapters.

    Raises:
        LoopError: one is missing, or its file is not valid; the sentence says which there are.
    """
    named = adapters_named(text) if text else ()
    return tuple((_file(name, folder), share) for name, share in named)


def _file(name: str, folder: Path) -> Path:
    there = sorted(file.stem for file in folder.glob(f"*{_SUFFIX}"))
    if name not in there:
        known = f"choose one of {', '.join(there)}" if there else "there is none yet"
        raise LoopError(f"There is no adapter {name!r} in {folder}: {known}.")
    file = folder / f"{name}{_SUFFIX}"
    try:
        read_header(file)
    except (BadHeader, OSError) as error:
        raise LoopError(f"The adapter {file} cannot be used: it {error}.") from error
    return file
