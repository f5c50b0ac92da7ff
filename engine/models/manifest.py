"""The manifest of a downloaded checkpoint: its files, revision and hashes.

A cache keeps a stamp of each file (size, times, inode) from when its hash was last computed. A file
whose stamp is unchanged is not read again, so that a start does not hash gigabytes; `loopwright
models check` reads everything.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.loops import files

_BLOCK_BYTES = 4 * 2**20
_SETTLED_NS = 2_000_000_000


class FileRecord(msgspec.Struct, frozen=True):
    """One file: its path in the checkpoint, its size, and its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class ConvertedWeights(msgspec.Struct, frozen=True):
    """Weights that were published in a form that can hold code, and what they became."""

    published: tuple[FileRecord, ...]
    files: tuple[FileRecord, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was downloaded.

    `shared` names the model that each shared file was linked from; `converted` are the weights
    among the files that were converted after the download.
    """

    format: int = 1
    model: str
    hub: str
    revision: str
    licence: str
    downloaded: str
    files: tuple[FileRecord, ...]
    shared: dict[str, str] = {}
    converted: tuple[ConvertedWeights, ...] = ()

    @property
    def size_bytes(self) -> int:
        """The size of all files together."""
        return sum(file.size for file in self.files)


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON, atomically."""
    files.replace(path, msgspec.json.format(msgspec.json.encode(value), indent=1))


def read_manifest(path: Path) -> Manifest | None:
    """Read a manifest; None if it is missing or damaged."""
    try:
        return msgspec.json.decode(files.read(path), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def sha256_of(path: Path, read: Callable[[int], None] = lambda _: None) -> str:
    """Return the SHA-256 of a file in hex; `read` is called with the number of bytes read."""
    digest = hashlib.sha256()
    with files.reading(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            read(len(block))
    return digest.hexdigest()


class HashCache:
    """The hashes of files, with stamps from when they were computed."""

    def __init__(self, path: Path) -> None:
        """Keep them in the file `path`, which may be missing."""
        self._path = path
        self._known: dict[str, list[str]] = {}
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._known = msgspec.json.decode(files.read(path), type=dict[str, list[str]])
        self._saved = dict(self._known)

    def hash_of(
        self, path: Path, *, fresh: bool = False, read: Callable[[int], None] = lambda _: None
    ) -> str:
        """Return the SHA-256 of a file, which is read again unless its stamp is unchanged.

        `read` is called with the number of bytes as they are read.

        Raises:
            OSError: the file cannot be read.
        """
        stamp = _file_stamp(path)
        now_ns = time.time_ns()
        known = self._known.get(str(path))
        if not fresh and known is not None and known[0] == stamp:
            return known[1]
        digest = sha256_of(path, read)
        self._note(path, stamp, digest, now_ns)
        return digest

    def note(self, path: Path, digest: str) -> None:
        """Store a hash that was just computed elsewhere."""
        self._note(path, _file_stamp(path), digest, time.time_ns())

    def _note(self, path: Path, stamp: str, digest: str, seen_ns: int) -> None:
        # A file that has just changed could change again within the same clock tick.
        if abs(seen_ns - path.stat().st_ctime_ns) > _SETTLED_NS:
            self._known[str(path)] = [stamp, digest]

    def save(self) -> None:
        """Save the hashes if any are new; a read-only disk is not an error."""
        if self._known != self._saved:
            with contextlib.suppress(OSError):
                write_json(self._path, self._known)
            self._saved = dict(self._known)


def _file_stamp(path: Path) -> str:
    found = path.stat()
    # Including the inode's change time, which no program can set back.
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
