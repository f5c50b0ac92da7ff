"""The owners of temporary files: processes, with names that are unique across machines.

A process number is not enough: it is used again, and in a network folder a process of another
machine may have the same one. An owner is therefore written as `HOST.BOOT.PID.START`.
"""

import contextlib
import functools
import hashlib
import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple, Self

OLD_S = 12 * 3600.0
"""From this age on, files of another machine count as left over."""
_OWNER = re.compile(r"([0-9a-f]{8})\.([0-9a-f]{8})\.(\d{1,9})\.(\d{1,20})")
_BOOT_SLACK_S = 60.0


class Owner(NamedTuple):
    """A process.

    Attributes:
        host: digest of the machine, and of its process numbers: a container has its own.
        boot: digest of the machine's start; the same for all where `start` needs no such help.
        pid: number of the process.
        start: when the process started, in units of the system; 0 if that is unknown.
    """

    host: str
    boot: str
    pid: int
    start: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the owner that `str` wrote; None if it is none."""
        match = _OWNER.fullmatch(text)
        return None if match is None else cls(match[1], match[2], int(match[3]), int(match[4]))

    def __str__(self) -> str:
        return f"{self.host}.{self.boot}.{self.pid}.{self.start}"


def this_process() -> Owner:
    """Return this process as an owner."""
    return _process(os.getpid())


def is_left_over(owner: Owner | None, written_s: float) -> bool:
    """Return whether a temporary file is no longer needed.

    Args:
        owner: the process that wrote it; None if its name does not say.
        written_s: when it was last written to, in seconds since the epoch.
    """
    is_old = time.time() - written_s > OLD_S
    if owner is None or owner.host != _host():
        return is_old
    if owner.boot != _boot():
        # By this machine before it started again; or by another one, cloned with its identity.
        import psutil  # rarely needed, and slow to import

        return is_old or written_s < psutil.boot_time() - _BOOT_SLACK_S
    try:
        start = _start_of(owner.pid)
    except OSError:
        return is_old
    return start is None or owner.start not in (0, start)


@functools.cache
def _process(pid: int) -> Owner:
    start = None
    with contextlib.suppress(OSError):
        start = _start_of(pid)
    return Owner(_host(), _boot(), pid, start or 0)


@functools.cache
def _host() -> str:
    facts = [platform.node(), _text("/etc/machine-id")]
    with contextlib.suppress(OSError):
        facts.append(str(Path("/proc/self/ns/pid").readlink()))
    return _digest("\n".join(facts))


@functools.cache
def _boot() -> str:
    return _digest(_text("/proc/sys/kernel/random/boot_id") if sys.platform == "linux" else "")


def _start_of(pid: int) -> int | None:
    """Return when a process of this machine started; None if there is none, or it has ended.

    Raises:
        OSError: the system does not report it.
    """
    if sys.platform != "linux":
        return _start_by_psutil(pid)
    try:
        # After the name in brackets, which may hold anything: the state, and much later the start.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        try:
            os.kill(pid, 0)  # signal 0 only checks: some systems hide the processes of other users
        except ProcessLookupError:
            return None
        raise
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _start_by_psutil(pid: int) -> int | None:
    import psutil  # rarely needed, and slow to import

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return round(process.create_time() * 1_000)
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied as error:
        raise PermissionError(f"Process {pid} belongs to another user.") from error


def _text(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text("utf-8", "replace").strip()
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
