"""The user's own model folders, and their names in recipes.

    ROOT/folders.json         the path of each folder, by name

`engine.models.trust` checks what is in a folder; nothing is ever written to it or deleted from it.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.loops.clip import in_ascii
from engine.loops.files import read
from engine.models.entry import ModelEntry
from engine.models.manifest import write_json
from engine.models.memory import USUAL_SECONDS, weight_bytes
from engine.models.parts import Checkpoint

_NO_NAME = re.compile(r"[^a-z0-9]+")


class Folders:
    """The folders of one store."""

    def __init__(self, root: Path) -> None:
        """Keep the names below `root`, which is created when the first folder is added."""
        self._root = root

    @property
    def places(self) -> dict[str, Path]:
        """The path of each folder, by name."""
        try:
            data = read(self._root / "folders.json")
            known = msgspec.json.decode(data, type=dict[str, str])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return {name: Path(place) for name, place in known.items()}

    def add(self, folder: Path, taken: Iterable[str]) -> str:
        """Remember a folder; return the name by which recipes refer to it.

        Args:
            folder: an absolute path.
            taken: names of other models.
        """
        known = self.places
        name = self.name_for(folder, taken)
        if name not in known:
            with contextlib.suppress(OSError):  # on a full disk the folder still works
                self._root.mkdir(parents=True, exist_ok=True)
                self._write({**known, name: folder})
        return name

    def name_for(self, folder: Path, taken: Iterable[str]) -> str:
        """Return the name that a folder has, or would get; see `add`."""
        known = self.places
        for name, place in known.items():
            if place == folder:
                return name
        base = _NO_NAME.sub("-", in_ascii(folder.name).lower()).strip("-") or "folder"
        used = {*known, *taken}
        names = (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
        return next(name for name in names if name not in used)

    def forget(self, name: str) -> None:
        """Forget the name of a folder; its files stay.

        Raises:
            OSError: the list cannot be written.
        """
        self._write({each: place for each, place in self.places.items() if each != name})

    def _write(self, places: dict[str, Path]) -> None:
        paths = {name: os.fspath(place) for name, place in places.items()}
        write_json(self._root / "folders.json", paths)


def folder_entry(name: str, checkpoint: Checkpoint) -> ModelEntry:
    """Return the catalogue entry of a folder that holds this checkpoint."""
    weights = sum(part.weight_bytes for part in checkpoint.parts.values())
    return ModelEntry(
        id=name,
        name=checkpoint.folder.name,
        family=checkpoint.family,
        licence="as the folder's own licence says",
        commercial_use=False,
        sample_rate=checkpoint.sample_rate,
        channels=checkpoint.channels,
        size_bytes=weights,
        good_for="a folder of yours",
        generator=checkpoint.generator,
        memory_bytes=weight_bytes(checkpoint.parameters)
        + checkpoint.work.bytes_for(USUAL_SECONDS, 1),
        work=checkpoint.work,
        modes=checkpoint.modes,
        settings=checkpoint.settings,
    )
