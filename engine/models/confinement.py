"""Takes away from this process what reading an untrusted file does not need.

Afterwards it cannot start programs or use the network, it can write below one folder alone, and
its memory is limited. On Linux the kernel enforces this: a network namespace of its own, Landlock
for files, and a limit of memory. Elsewhere, and where the kernel is older, Python refuses the same
calls, which stops code in Python but not in a library.
"""

import contextlib
import ctypes
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # linux/sched.h
_NO_NEW_PRIVILEGES = 38  # linux/prctl.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
_OF_A_FILE = 1 | _WRITE_FILE | _READ_FILE | 1 << 14
_RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""The rights that each version of Landlock knows: 2 added moving files, 3 truncating them."""
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc", "/sys", "/dev/urandom",
                   "/nix/store")  # fmt: skip

_REFUSED = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
     "os.system", "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto",
     "subprocess.Popen"}
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64),)


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def confine(folder: Path, memory_bytes: int, readable: Iterable[Path] = ()) -> list[str]:
    """Confine this process, which must have one thread, for the rest of its life.

    Args:
        folder: an absolute path; files below it can be read, written and deleted, and no others.
        memory_bytes: the most memory of its own that it may use.
        readable: further folders in which files can be read.

    Returns what the kernel enforces: some of `network`, `files` and `memory`.
    """
    enforced: list[str] = []
    places = [*_readable_places(), *map(str, readable)]
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        steps: dict[str, Callable[[], bool]] = {
            "network": lambda: _leave_network(library),
            "files": lambda: _restrict_files(library, folder, places),
            "memory": lambda: _limit_memory(memory_bytes),
        }
        enforced = [name for name, step in steps.items() if step()]
    _refuse_in_python(folder)
    return enforced


def _leave_network(library: Any) -> bool:
    """Move to a network without interfaces; only root may without a user namespace."""
    return any(library.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def _restrict_files(library: Any, folder: Path, readable: Iterable[str]) -> bool:
    version = library.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = _RIGHTS_BY_VERSION[min(version, max(_RIGHTS_BY_VERSION))]
    wanted = _Ruleset(rights)
    ruleset = library.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.sizeof(wanted), 0)
    if ruleset < 0:
        return False
    try:
        places = dict.fromkeys(readable, _READ_FILE | _READ_FOLDER) | {str(folder): rights}
        for place, allowed in places.items():
            _allow(library, ruleset, place, allowed)
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(library.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(library: Any, ruleset: int, place: str, allowed: int) -> None:
    with contextlib.suppress(OSError):  # not every system has every place
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _PathRule(allowed if Path(place).is_dir() else allowed & _OF_A_FILE, descriptor)
            library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(descriptor)


def _readable_places() -> Iterable[str]:
    """Return where Python, its packages and the system's libraries are."""
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()}
    return sorted({*python, *filter(None, sys.path), *_SYSTEM_FOLDERS})


def _limit_memory(most_bytes: int) -> bool:
    import resource  # there is none on Windows

    try:
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    except (OSError, ValueError):
        return False
    return True


def _refuse_in_python(folder: Path) -> None:
    """Refuse calls of Python that would leave the confinement; a hook cannot be removed."""
    allowed = f"{folder}{os.sep}"

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REFUSED:
            raise PermissionError(f"{event} is not allowed in a confined process")
        if event == "open" and isinstance(arguments[0], str | bytes) and arguments[2] & _WRITING:
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not path.startswith(allowed) and path != os.devnull:
                raise PermissionError("writing here is not allowed in a confined process")

    sys.addaudithook(check)
