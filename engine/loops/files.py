"""Reads files in folders that others may have prepared, and writes all of ours atomically.

Every open, create, replace and delete inside a project goes through this module, and so do
settings, caches, manifests, and what the command line and the bridge write for others:

- Only ordinary files are opened. A named pipe, device, socket or folder is refused with
  `NotOrdinary` before it is opened, so it can neither hang us nor do anything.
- Writing and deleting never follow a link. In a `Folder`, reading follows no link either, and a
  subfolder that is a link is refused: nothing in a project leads out of it.
- A file that a person names, such as a source or a clip to inspect, may be a link: the
  person means its target, reading changes nothing, and the target must be an ordinary file.
  Links in a project are not listed as clips.
- Data is written to a new file with a random name, synced, and then given its name, which
  is synced too. The random name says who owns the file (see `engine.loops.owners`), so what a
  killed process leaves is deleted later, and the file of a running one never is.

Windows has no descriptors of folders; there each name is checked just before it is used.
"""

import contextlib
import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from engine.loops.owners import Owner, is_left_over, this_process

MOST_BYTES = 64 * 2**20
"""Larger files are not read into memory as a whole."""
PRIVATE = 0o600
"""The mode of a file that is for this user alone."""
_USUAL = 0o666
_HAS_DESCRIPTORS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_FLAGS = (
    getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOINHERIT", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_LINK_ITSELF = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
_PART = re.compile(
    r"\.lw-([0-9a-f.]+)-[0-9a-f]{16}\.part"
    r"|(?:\.lw-\d{1,9}-[a-z2-7]{8}|\.?(?:loopwright|settings)\.json\.\d{1,9})\.part"
)
"""Names of unfinished files; version 0.1.0 wrote those of the second line, without an owner."""
_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISREG, "a file"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class NotOrdinary(OSError):
    """Something other than the expected file or folder has a name; the error says what it is.

    `strerror` is, for example, "it is a named pipe, not a file".
    """


def advice_on(error: OSError) -> str:
    """Return what a person can do about an error of a file or folder, as the end of a sentence."""
    if isinstance(error, NotOrdinary):
        return "remove it, or choose another place"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space or choose another place"
        case errno.EACCES | errno.EPERM:
            return "change its permissions or choose another place"
        case errno.EMFILE | errno.ENFILE | errno.ENOMEM:
            return "close other programs, and try again"
        case errno.EIO | errno.ESTALE | errno.ETIMEDOUT | errno.ENXIO:
            return "check the disk or the network, and try again"
    return "choose another place"


def reason_of(error: OSError) -> str:
    """Return what failed, in lower case and without the name of the file."""
    return (error.strerror or str(error)).lower()


def opened(path: str, flags: int) -> int:
    """Open an ordinary file as `os.open` does; for `open(..., opener=opened)`.

    Only reading follows a link.

    Raises:
        OSError: it is missing, cannot be opened, or is no ordinary file.
    """
    return _open(path, flags, follow=flags & (os.O_WRONLY | os.O_RDWR) == 0)


def reading(path: Path) -> BinaryIO:
    """Open a file that a person named for reading; it may be a link to an ordinary file.

    Raises:
        OSError: it is missing, cannot be read, or is no ordinary file.
    """
    check_path(path)
    return cast(BinaryIO, open(path, "rb", opener=opened))


def read(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the contents of a file, as `reading` opens it.

    Raises:
        OSError: as `reading`; or it is larger than `most_bytes`.
    """
    with reading(path) as stream:
        return _read_all(stream, path, most_bytes)


def replace(path: Path, data: bytes, mode: int = _USUAL) -> None:
    """Write a file atomically, and replace an earlier one; delete what killed writers left.

    Raises:
        OSError: it cannot be written, or something other than a file has this name.
    """
    with Folder.open(path.parent) as folder:
        folder.sweep()
        folder.replace(path.name, data, mode)


@contextlib.contextmanager
def creating(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream for a new file, which gets its name at the end; see `Folder.creating`."""
    with Folder.open(path.parent) as folder:
        folder.sweep()
        with folder.creating(path.name) as stream:
            yield stream


def temporary_folder(prefix: str, place: Path | None = None) -> Path:
    """Make a temporary folder, and delete those of this prefix whose owners have ended.

    It is in `place`, or else where the system has temporary files.

    Raises:
        OSError: it cannot be made.
    """
    import shutil  # both are slow to import and rarely needed
    import tempfile

    place = place or Path(tempfile.gettempdir())
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and _is_left_folder(entry, prefix):
                shutil.rmtree(entry.path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{this_process()}-", dir=place))


class Folder:
    """An open folder; its contents are named relative to it, by plain names only.

    Methods raise `OSError`, and `NotOrdinary` if a name does not belong to an ordinary file.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        """Use `open` or `inside` instead."""
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a folder that a person named, which may be a link.

        Raises:
            OSError: it is missing, not a folder, or cannot be opened.
        """
        check_path(path)
        if _HAS_DESCRIPTORS:
            return cls(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        if not stat.S_ISDIR(path.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(path))
        return cls(path, None)

    def close(self) -> None:
        """Close it; calling this again does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def inside(self, name: str, *, make: bool = False) -> "Folder":
        """Open a folder in this one; `make` it if it is missing."""
        at = self._at(name)
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(at, dir_fd=self._descriptor)
                self._sync()
        found = _look(at, self._descriptor, follow=False)
        if not stat.S_ISDIR(found.st_mode) or _is_junction(found):
            raise _not_ordinary(self.path / name, found, "a folder")
        if not _HAS_DESCRIPTORS:
            return Folder(self.path / name, None)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | _NO_LINK
        return Folder(self.path / name, os.open(at, flags, dir_fd=self._descriptor))

    def names(self) -> list[str]:
        """Return the names of all that is in it."""
        return os.listdir(self.path if self._descriptor is None else self._descriptor)

    def has(self, name: str) -> bool:
        """Return whether there is anything of this name, even a link that leads nowhere."""
        try:
            _look(self._at(name), self._descriptor, follow=False)
        except FileNotFoundError:
            return False
        return True

    def reading(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        return os.fdopen(_open(self._at(name), os.O_RDONLY, folder=self._descriptor), "rb")

    def read(self, name: str, most_bytes: int = MOST_BYTES) -> bytes:
        """Return the contents of a file; one larger than `most_bytes` is an error."""
        with self.reading(name) as stream:
            return _read_all(stream, self.path / name, most_bytes)

    @contextlib.contextmanager
    def creating(self, name: str) -> Iterator[BinaryIO]:
        """Yield a stream for a new file, which is whole when it gets its name, at the end.

        After an exception there is no file. An existing one is an error, and never replaced.
        """
        with self._part(_USUAL) as (part, stream):
            yield stream
            _finish(stream)
            self._rename_new(self._at(part), name)
            self._sync()

    def create(self, name: str, data: bytes) -> None:
        """Write a new file atomically; an existing one is an error, and never replaced."""
        with self.creating(name) as stream:
            stream.write(data)

    def replace(self, name: str, data: bytes, mode: int = _USUAL) -> None:
        """Write a file atomically, and replace an earlier file or link of this name."""
        at = self._at(name)
        with contextlib.suppress(FileNotFoundError):
            found = _look(at, self._descriptor, follow=False)
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
                raise _not_ordinary(self.path / name, found, "a file")
        with self._part(mode) as (part, stream):
            stream.write(data)
            _finish(stream)
            place = self._descriptor
            os.replace(self._at(part), at, src_dir_fd=place, dst_dir_fd=place)
            self._sync()

    def append(self, name: str, data: bytes) -> None:
        """Write to the end of a file, which is made if it is missing, and sync it."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(_open(self._at(name), flags, folder=self._descriptor), "ab") as stream:
            stream.write(data)
            _finish(stream)

    @contextlib.contextmanager
    def growing(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Yield the path and the unbuffered stream of a temporary file, deleted at the end."""
        with self._part(_USUAL, buffering=0) as (part, stream):
            yield self.path / part, stream

    def set_aside(self, name: str) -> str:
        """Rename a damaged file to a new name, such as `x.damaged-1.json`; return that."""
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
        number = 1
        while True:
            aside = f"{stem}.damaged-{number}{suffix}"
            try:
                self._rename_new(self._at(name), aside)
            except FileExistsError:
                number += 1
                continue
            self.delete(name)  # it was linked, not renamed
            self._sync()
            return aside

    def take_in(self, path: Path, name: str) -> None:
        """Move a file from elsewhere on the disk into this folder; never replace one."""
        self._rename_new(os.path.abspath(path), name)
        path.unlink(missing_ok=True)  # it was linked, not renamed
        self._sync()

    def delete(self, name: str) -> None:
        """Delete a file or link, if there is one; never what a link leads to."""
        with contextlib.suppress(FileNotFoundError):
            self._unlink(name)

    def check_writable(self) -> None:
        """Raise `OSError` unless a file can be written here."""
        with self._part(_USUAL):
            pass

    def sweep(self) -> None:
        """Delete the unfinished files of writers that have ended; see `engine.loops.owners`."""
        for name in self.names():
            match = _PART.fullmatch(name)
            if match is None:
                continue
            with contextlib.suppress(OSError):  # another user's, or just gone
                found = _look(self._at(name), self._descriptor, follow=False)
                if is_left_over(Owner.parse(match[1] or ""), found.st_mtime):
                    self._unlink(name)

    @contextlib.contextmanager
    def locked(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock of a file, which is made; the system releases it if the process dies.

        Without `wait`, a lock that another holds is an `OSError`.
        """
        flags = os.O_RDWR | os.O_CREAT
        with os.fdopen(_open(self._at(name), flags, folder=self._descriptor), "r+b") as stream:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def _at(self, name: str) -> str:
        """Return how to name a file to the system: relative to the descriptor, if there is one."""
        if name in ("", ".", "..") or "/" in name or os.sep in name:
            raise OSError(errno.EINVAL, "it is not the name of a file", name)
        check_path(name)
        return name if self._descriptor is not None else str(self.path / name)

    @contextlib.contextmanager
    def _part(self, mode: int, buffering: int = -1) -> Iterator[tuple[str, BinaryIO]]:
        """Yield the name and the stream of a new hidden file, which is deleted at the end."""
        name = f".lw-{this_process()}-{os.urandom(8).hex()}.part"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINK | _FLAGS
        descriptor = os.open(self._at(name), flags, mode, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "w+b", buffering) as stream:
                yield name, stream
        finally:
            with contextlib.suppress(OSError):  # keep the original error
                self._unlink(name)

    def _unlink(self, name: str) -> None:
        os.unlink(self._at(name), dir_fd=self._descriptor)

    def _rename_new(self, source: str, final: str) -> None:
        """Link a file to a name; if the file system has no links, rename it. Never replace one."""
        target, place = self._at(final), self._descriptor
        exists = FileExistsError(errno.EEXIST, "File exists", str(self.path / final))
        try:
            os.link(source, target, src_dir_fd=place, dst_dir_fd=place, **_LINK_ITSELF)
        except FileExistsError:
            raise exists from None
        except OSError:
            # WORKAROUND: FAT, exFAT and some network shares have no hard links. The names that
            # matter hold a random id, so nothing else writes the name between the two calls.
            if self.has(final):
                raise exists from None
            os.rename(source, target, src_dir_fd=place, dst_dir_fd=place)

    def _sync(self) -> None:
        if self._descriptor is None:
            return  # Windows cannot open a folder to sync it.
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            # WORKAROUND: some network and FUSE file systems cannot sync a folder.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise


def _open(
    path: str, flags: int, *, folder: int | None = None, follow: bool = False, mode: int = _USUAL
) -> int:
    """Open an ordinary file and return its descriptor."""
    check_path(path)
    # It is looked at before it is opened, because opening some devices already does something, and
    # again afterwards, because it may have been exchanged in between.
    try:
        _check_kind(path, _look(path, folder, follow=follow))
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    flags |= _FLAGS | (0 if follow else _NO_LINK)
    descriptor = os.open(path, flags, mode, dir_fd=folder)
    try:
        _check_kind(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _look(path: str, folder: int | None, *, follow: bool) -> os.stat_result:
    return os.stat(path, dir_fd=folder, follow_symlinks=follow)


def check_path(path: Path | str) -> None:
    """Raise `OSError` for a path that the system's calls refuse with another error."""
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise OSError(errno.EINVAL, "its name has characters that no file name can have")


def _check_kind(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _not_ordinary(path, found, "a file")


def _not_ordinary(path: Path | str, found: os.stat_result, expected: str) -> NotOrdinary:
    names = (name for is_kind, name in _KINDS if is_kind(found.st_mode))
    kind = "a link" if _is_junction(found) else next(names, "a device")
    return NotOrdinary(errno.EINVAL, f"it is {kind}, not {expected}", str(path))


def _is_junction(found: os.stat_result) -> bool:
    """Return whether a folder is Windows' own kind of link."""
    return getattr(found, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _read_all(stream: BinaryIO, path: Path, most_bytes: int) -> bytes:
    data = stream.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it has more than {most_bytes:,} bytes", str(path))
    return data


def _finish(stream: BinaryIO) -> None:
    """Sync a file and close it, so that Windows can rename it."""
    stream.flush()
    os.fsync(stream.fileno())
    stream.close()


def _is_left_folder(entry: "os.DirEntry[str]", prefix: str) -> bool:
    """Return whether a temporary folder is ours, and its owner has ended."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    owner = Owner.parse(entry.name.removeprefix(prefix).partition("-")[0])
    return is_ours and stat.S_ISDIR(found.st_mode) and is_left_over(owner, found.st_mtime)
