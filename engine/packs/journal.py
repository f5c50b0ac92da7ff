"""What of a pack is made: one line per loop, so that an interrupted pack is gone on with.

A line is written before its file gets its name, and says all about it. So a loop is made if its
line and its file are there, and no crash can leave a finished file that would be made twice.
"""

from collections.abc import Iterable

import msgspec

from engine.loops.files import Folder
from engine.loops.recipe import Recipe

WORK_FOLDER = ".loopwright-pack"
"""The folder inside a pack with the journal, and the takes that wait for their delivery."""
JOURNAL = "journal.jsonl"
_MOST_BYTES = 256 * 2**20


class Delivered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one entry of the list.

    Attributes:
        id: of the entry.
        file: relative to the pack, with slashes; empty if the loop was left out.
        left_out: why it was left out.
        sha256: of the file.
        lufs: the loudness of the file.
        recipe: of the loop.
    """

    id: str
    file: str = ""
    left_out: str = ""
    sha256: str = ""
    lufs: float = 0.0
    recipe: Recipe


class Journal:
    """The journal of a pack, while this process has the pack to itself."""

    def __init__(self, work: Folder) -> None:
        """Use the work folder, which must stay open."""
        self._work = work

    def read(self, pack: Folder) -> dict[str, Delivered]:
        """Return what is delivered, by entry; what is damaged or has lost its file is left out."""
        if not self._work.has(JOURNAL):
            return {}
        found = {}
        for line in self._work.read(JOURNAL, _MOST_BYTES).splitlines():
            try:
                each = msgspec.json.decode(line, type=Delivered)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # the last line of a process that was killed
            if each.left_out or _has(pack, each.file):
                found[each.id] = each
        return found

    def add(self, delivered: Delivered) -> None:
        """Write a line to the disk.

        Raises:
            OSError: it cannot be written.
        """
        # The line before may be half a line, of a process that was killed.
        self._work.append(JOURNAL, b"\n" + msgspec.json.encode(delivered) + b"\n")


def files_of(delivered: Iterable[Delivered]) -> list[Delivered]:
    """Return those that have a file."""
    return [each for each in delivered if each.file]


def _has(pack: Folder, file: str) -> bool:
    folder, slash, name = file.partition("/")
    if not slash:
        return False
    try:
        with pack.inside(folder) as inside:
            return inside.has(name)
    except OSError:
        return False
