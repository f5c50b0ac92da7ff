"""The sound library, sounddevice: used so that it can neither end nor hang the process.

Loading it looks for devices, which aborts the process if ALSA has no configuration, and never
returns if a sound server does not answer. So a child process loads it first, within a time limit;
and all calls are made on one thread, whose callers wait for a limited time. A late call fails, and
so do all further ones until it returns; then the library is used again.
"""

import atexit
import contextlib
import importlib
import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from engine.entry_points import sound_probe_command
from engine.loops.errors import LoopError

LIMIT_S = 6.0
"""How long a call, or the child process, may take; Bluetooth devices need up to three seconds."""
_PROBE_AGAIN_S = 2.0
_SILENT = "the sound server does not answer"
_NAME = "sounddevice"
_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


class NoSound(LoopError):
    """There is no sound device, or it cannot be used as requested."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"Audio cannot be played ({reason}): connect a sound device, or choose another one; "
            "everything else works without it."
        )


class _Call(Generic[_Result]):
    """A call of the library, made on the sound thread."""

    def __init__(self, act: Callable[[Any], _Result], discard: Callable[[_Result], None]) -> None:
        self._act = act
        self._discard = discard
        self._lock = threading.Lock()
        self._is_late = False
        self.ended = threading.Event()
        self.result: _Result
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result = self._act(importlib.import_module(_NAME))
        except Exception as error:  # noqa: BLE001 - raised again where the call was made
            self.error = error
        with self._lock:
            self.ended.set()
            is_late = self._is_late
        if is_late:
            _log.info("a late call of the sound library has come back")
            if self.error is None:
                self._discard(self.result)

    def wait(self) -> bool:
        """Wait; return False if the call is late, in which case its result is discarded."""
        self.ended.wait(LIMIT_S)
        with self._lock:
            self._is_late = not self.ended.is_set()
            return not self._is_late


class _Library:
    """The library of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: queue.SimpleQueue[_Call[Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._late: _Call[Any] | None = None
        self._refused: tuple[float, str] | None = None
        """Until when no other child is started, by `time.monotonic`, and the last one's error."""

    def call(self, act: Callable[[Any], _Result], discard: Callable[[_Result], None]) -> _Result:
        with self._lock:
            if self._late is not None and not self._late.ended.is_set():
                raise NoSound(_SILENT)
            if _NAME not in sys.modules:
                self._try_in_child()
            call = _Call(act, discard)
            self._calls.put(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
                self._thread.start()
            if not call.wait():
                self._late = call
                _leave_at_exit()
                _log.warning("the sound library does not answer within %.0f s", LIMIT_S)
                raise NoSound(_SILENT)
        if call.error is not None:
            raise _as_no_sound(call.error)
        return call.result

    def _work(self) -> None:
        while True:
            self._calls.get().run()

    def _try_in_child(self) -> None:
        """Raise NoSound if the library cannot be loaded; the result of a child is kept briefly."""
        now_s = time.monotonic()
        if self._refused is not None and now_s < self._refused[0]:
            raise NoSound(self._refused[1])
        try:
            probe()
        except NoSound as error:
            self._refused = time.monotonic() + _PROBE_AGAIN_S, error.reason
            raise


_LIBRARY = _Library()


def call(
    act: Callable[[Any], _Result], discard: Callable[[_Result], None] = lambda _result: None
) -> _Result:
    """Call a function with the module `sounddevice`, on the sound thread, and return its result.

    Args:
        act: what to do.
        discard: called with the result if it came too late.

    Raises:
        NoSound: the library does not load, does not answer, or has no such device.
    """
    return _LIBRARY.call(act, discard)


def probe() -> list[str]:
    """Load the library, and open the default device, in a child process; return all outputs.

    Raises:
        NoSound: the child ended, or did not end in time.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            sound_probe_command(), stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NoSound(_SILENT) from error
    try:
        found = json.loads(done.stdout)
        names = [str(name) for name in found["names"]]
        reason = str(found["reason"])
    except (ValueError, KeyError, TypeError) as error:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        _log.info("the sound library ends with code %d: %s", done.returncode, lines[-1:])
        raise NoSound("the sound library fails to start: check the sound settings") from error
    if reason:
        raise NoSound(reason)
    return names


def names_in(library: Any) -> list[str]:
    """Return the names of all output devices that the library has found."""
    return [each["name"] for each in library.query_devices() if each["max_output_channels"]]


def reason_of(error: Exception) -> str:
    """Return what the library said, as part of a sentence."""
    text = str(error).split("[PaErrorCode")[0].strip().rstrip(".")
    return (text[:1].lower() + text[1:])[:200] or "the device gives no reason"


def _as_no_sound(error: Exception) -> Exception:
    if isinstance(error, ImportError | OSError):
        _log.info("the sound library does not load: %s", error)
        return NoSound(f"the sound library does not load: {error}".rstrip("."))
    if isinstance(error, ValueError) or type(error).__name__ == "PortAudioError":
        return NoSound(reason_of(error))
    return error


def _leave_at_exit() -> None:
    """Keep the library from closing its devices at exit, which would wait without end, too."""
    library = sys.modules.get(_NAME)
    if library is not None and hasattr(library, "_exit_handler"):
        atexit.unregister(library._exit_handler)  # noqa: SLF001 - it has no other way


def main() -> int:
    """Try the library, as a child process, and print what was found as JSON."""
    try:
        library = importlib.import_module(_NAME)
        names = names_in(library)
        # Without a device, or with a busy one, the library itself works.
        with contextlib.suppress(library.PortAudioError):
            library.RawOutputStream(channels=2, dtype="float32").close()
        found = {"names": names, "reason": ""}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we came for
        found = {"names": [], "reason": f"the sound library does not load: {reason_of(error)}"}
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
