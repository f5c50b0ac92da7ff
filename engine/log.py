"""The log of each process: a small file in the user's log folder.

A process calls `start_log` once. Modules then log with `logging.getLogger(__name__)`: starts, stops
and changes of state at INFO, failures at WARNING and ERROR. Prompts, and the paths of the user's
own files, are for DEBUG alone.

Nothing here raises: without a writable folder, there is no log.
"""

import atexit
import contextlib
import faulthandler
import itertools
import logging
import os
import platform
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import platformdirs

from engine.loops.files import opened, read
from engine.version import PROGRAM

FOLDER_VARIABLE = "LOOPWRIGHT_LOGS"
LEVEL_VARIABLE = "LOOPWRIGHT_LOG_LEVEL"
PACKAGES = ("bridge", "cli", "desktop", "engine", "playback")
LARGEST_BYTES = 1_000_000
OLD_FILES = 2
MOST_AT_ONCE = 8
"""How many processes of one kind have a log at the same time; further ones have none."""

_LINE = "%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s [%(threadName)s] %(message)s"
_QUOTED_PATH = re.compile(r"(?<!File )(['\"])(?:/|~|\\\\|[A-Za-z]:[\\/])[^\n]*?\1")
_log = logging.getLogger(__name__)
_on_uncaught: list[Callable[[], None]] = []


def log_folder() -> Path:
    """Return where the logs of this user are: LOOPWRIGHT_LOGS, or the usual folder for logs."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen or platformdirs.user_log_dir("Loopwright", appauthor=False))


def log_files() -> list[Path]:
    """Return the logs that have something in them, of all kinds of processes, by name."""
    with contextlib.suppress(OSError):
        return sorted(path for path in log_folder().glob("*.log") if path.stat().st_size)
    return []


def start_log(kind: str, *, debug: bool = False) -> None:
    """Log to a file from now on, and log uncaught exceptions.

    Args:
        kind: the kind of process: `window`, `bridge`, `cli`, `engine`, `download` or `conversion`.
        debug: log everything, in this process and in those that it starts.
    """
    if debug:
        os.environ[LEVEL_VARIABLE] = "DEBUG"
    everything = os.environ.get(LEVEL_VARIABLE, "").upper() == "DEBUG"
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):
        handler = _LogFile(_own_path(kind))
    handler.setFormatter(_Formatter(personal=everything))
    logging.getLogger().addHandler(handler)
    for package in PACKAGES:  # libraries log too much: only their warnings are kept
        logging.getLogger(package).setLevel(logging.DEBUG if everything else logging.INFO)
    system = f"Python {platform.python_version()}, {sys.platform}"
    _log.info("%s: %s starts as process %d, %s", PROGRAM, kind, os.getpid(), system)
    atexit.register(_log.info, "%s ends", kind)
    is_logged = isinstance(handler, _LogFile)
    # A front end shows the engine's stderr as the details of a crash.
    _log_uncaught(
        show_tracebacks=everything or not is_logged or kind in ("engine", "download", "conversion")
    )
    if isinstance(handler, _LogFile):
        _catch_crashes(handler.path.with_name(f"{handler.path.stem}-crash.log"))


def on_uncaught(call: Callable[[], None]) -> None:
    """Have `call` called, in any thread, after an uncaught exception was logged."""
    _on_uncaught.append(call)


class _LogFile(logging.Handler):
    """Appends to a file that no other process writes, and rotates it when it is full."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._stream = open(path, "ab", buffering=0, opener=opened)  # noqa: SIM115 - stays open

    def emit(self, record: logging.LogRecord) -> None:
        # A failure to log, such as on a full disk, must not stop the work that is logged.
        with contextlib.suppress(Exception):
            line = self.format(record).encode("utf-8", "backslashreplace") + b"\n"
            if self._stream.tell() + len(line) > LARGEST_BYTES:
                self._begin_again()
            self._stream.write(line)

    def _begin_again(self) -> None:
        self._stream.close()
        path = self.path
        names = [path, *(path.with_suffix(f".{age}.log") for age in range(1, OLD_FILES + 1))]
        for newer, older in reversed(list(itertools.pairwise(names))):
            # Windows renames no file that somebody reads: then its lines are lost.
            with contextlib.suppress(OSError):
                newer.replace(older)
        self._stream = open(path, "wb", buffering=0, opener=opened)  # noqa: SIM115 - stays open


class _Formatter(logging.Formatter):
    """Writes a line, and a traceback below it, without private data unless `personal` is set.

    A record may have an attribute `private`: texts that are left out of its traceback.
    """

    def __init__(self, *, personal: bool) -> None:
        super().__init__(_LINE, "%Y-%m-%d %H:%M:%S")
        self._personal = personal

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and not self._personal:
            text = _QUOTED_PATH.sub(r"\1…\1", self.formatException(record.exc_info))
            lines = (_without(record, line) for line in text.split("\n"))
            record.exc_text = "\n".join(lines)
        return super().format(record)


def _without(record: logging.LogRecord, line: str) -> str:
    """Return a line of a traceback without private texts; lines of our code are indented."""
    if not line.startswith("  "):
        for private in getattr(record, "private", ()):
            line = line.replace(private, "…")
    return line


def _own_path(kind: str) -> Path:
    """Return a log file that is this process's own until it ends.

    Raises:
        OSError: there is none, or the folder cannot be written to.
    """
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, MOST_AT_ONCE + 1):
        name = kind if number == 1 else f"{kind}-{number}"
        if _is_locked_for_us(folder / f".{name}.lock"):
            return folder / f"{name}.log"
    raise OSError(f"{MOST_AT_ONCE} processes have a log of this kind.")


def _is_locked_for_us(path: Path) -> bool:
    """Lock a file until this process ends; False if another process has locked it."""
    descriptor = opened(str(path), os.O_RDWR | os.O_CREAT)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    return True


def _catch_crashes(path: Path) -> None:
    """Write crashes of native code to a file; log what an earlier process left in it."""
    with contextlib.suppress(OSError):
        if path.exists() and (left := read(path).decode("utf-8", "replace").strip()):
            _log.warning("Crash report of an earlier process:\n%s", left)
        faulthandler.enable(open(path, "w", encoding="utf-8", opener=opened))  # noqa: SIM115


def _log_uncaught(*, show_tracebacks: bool) -> None:
    """Log uncaught exceptions; print a sentence, or the traceback as before."""
    in_main, in_thread, unraisable = sys.excepthook, threading.excepthook, sys.unraisablehook

    def main_hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, Exception):  # Ctrl-C
            in_main(kind, error, trace)
            return
        _log.critical("unhandled exception", exc_info=(kind, error, trace))
        _show(kind, lambda: in_main(kind, error, trace))

    def thread_hook(given: threading.ExceptHookArgs) -> None:
        if given.exc_type is SystemExit:
            return
        _log.critical("unhandled exception in a thread", exc_info=given.exc_value)
        _show(given.exc_type, lambda: in_thread(given))

    def unraisable_hook(given: "sys.UnraisableHookArgs") -> None:
        _log.error(
            "%s", given.err_msg or "exception that cannot be raised", exc_info=given.exc_value
        )
        if show_tracebacks:
            unraisable(given)

    def _show(kind: type[BaseException], traceback: Callable[[], object]) -> None:
        if show_tracebacks:
            traceback()
        else:
            with contextlib.suppress(OSError, ValueError):
                print(_sentence(kind), file=sys.stderr, flush=True)  # noqa: T201 - as Python does
        for call in _on_uncaught:
            call()

    sys.excepthook, threading.excepthook, sys.unraisablehook = (
        main_hook, thread_hook, unraisable_hook,
    )  # fmt: skip


def _sentence(kind: type[BaseException]) -> str:
    return (
        f"Loopwright failed with {kind.__name__}, which is a bug: please report it with "
        "'loopwright doctor --bundle FILE.zip'."
    )
