"""A file system that fails on demand: it passes everything on to a folder, except what it is told.

Usage: faulty_disk.py FOLDER MOUNT CONTROL. Each line of the file CONTROL is an operation and what
becomes of it: the name of an error, such as `fsync EIO`, a delay, such as `write 0.2`, or
`names fold`, as file systems have it that do not tell upper from lower case, such as FAT.
"""

import errno
import functools
import os
import sys
import time
from pathlib import Path

import mfusepy

_STAT = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_ino",
         "st_atime_ns", "st_mtime_ns", "st_ctime_ns")  # fmt: skip


def failing(disk: type) -> type:
    """Let each operation of a class fail first."""

    def wrapped(name, operation):
        @functools.wraps(operation)
        def run(self, *arguments):
            self.fail(name)
            return operation(self, *arguments)

        return run

    for name, operation in list(vars(disk).items()):
        if callable(operation) and hasattr(mfusepy.Operations, name) and name[0] != "_":
            setattr(disk, name, wrapped(name, operation))
    return disk


@failing
class FaultyDisk(mfusepy.Operations):
    """Passes on to a folder; `control` is read before each operation."""

    use_ns = True

    def __init__(self, folder: Path, control: Path) -> None:
        self._folder = folder
        self._control = control

    def fail(self, operation: str) -> None:
        """Raise or wait, as `control` says."""
        faults = dict(line.split() for line in self._control.read_text("utf-8").splitlines())
        self._folds = faults.get("names") == "fold"
        fault = faults.get(operation, "0")
        if fault.isupper():
            raise mfusepy.FuseOSError(getattr(errno, fault))
        time.sleep(float(fault))

    def _at(self, path: str) -> Path:
        return self._folder / (path.lower() if self._folds else path).lstrip("/")

    def getattr(self, path, _fh=None):
        found = self._at(path).lstat()
        return {name.removesuffix("_ns"): getattr(found, name) for name in _STAT}

    def readdir(self, path, _fh):
        return [".", "..", *os.listdir(self._at(path))]

    def create(self, path, mode, _fi=None):
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def open(self, path, flags):
        return os.open(self._at(path), flags & ~os.O_NOFOLLOW)

    def read(self, _path, size, offset, fh):
        return os.pread(fh, size, offset)

    def write(self, _path, data, offset, fh):
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, _fh=None):
        os.truncate(self._at(path), length)
        return 0

    def flush(self, _path, _fh):
        return 0

    def fsync(self, _path, _datasync, fh):
        os.fsync(fh)
        return 0

    def fsyncdir(self, _path, _datasync, _fh):
        return 0

    def release(self, _path, fh):
        os.close(fh)
        return 0

    def unlink(self, path):
        self._at(path).unlink()
        return 0

    def link(self, target, source):
        os.link(self._at(source), self._at(target))
        return 0

    def rename(self, old, new):
        self._at(old).rename(self._at(new))
        return 0

    def mkdir(self, path, mode):
        self._at(path).mkdir(mode)
        return 0

    def rmdir(self, path):
        self._at(path).rmdir()
        return 0

    def chmod(self, path, mode):
        self._at(path).chmod(mode)
        return 0

    def chown(self, path, uid, gid):
        os.chown(self._at(path), uid, gid)
        return 0

    def utimens(self, path, times=None):
        os.utime(self._at(path), ns=times)
        return 0

    def statfs(self, path):
        found = os.statvfs(self._at(path))
        return {name: getattr(found, name) for name in dir(found) if name.startswith("f_")}


if __name__ == "__main__":
    folder, mount, control = map(Path, sys.argv[1:])
    mfusepy.FUSE(FaultyDisk(folder, control), str(mount), foreground=True, nothreads=True)
