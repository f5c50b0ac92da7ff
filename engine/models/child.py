"""What the processes of a download and of a conversion have in common.

Each reads one line of JSON from stdin that says what to do, and reports progress and the outcome as
lines of JSON on stdout. It ends when its stdin closes, so cancelling is ending it.
"""

import contextlib
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO, TypeVar

import msgspec

from engine.errors import EngineError
from engine.log import start_log

MIN_INTERVAL_S = 0.1
Report = Callable[[float, str], None]
"""Called with the fraction done, 0..1, and the stage in words."""
_Spec = TypeVar("_Spec")
_log = logging.getLogger(__name__)


class ChildEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The progress or the outcome: exactly one of `stage`, `done` and `failed` is set."""

    fraction: float = 0.0
    stage: str = ""
    done: bool = False
    failed: str = ""
    detail: str = ""


class _EventWriter:
    """Writes events, at a limited rate unless the stage moves to another file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._written_at = 0.0
        self._subject = ""

    def __call__(self, fraction: float, stage: str) -> None:
        subject = stage.partition(" (")[0]
        if subject != self._subject or time.monotonic() - self._written_at >= MIN_INTERVAL_S:
            self._subject, self._written_at = subject, time.monotonic()
            self.write(ChildEvent(fraction=fraction, stage=stage))

    def write(self, event: ChildEvent) -> None:
        self._stream.write(msgspec.json.encode(event) + b"\n")
        self._stream.flush()


def run_child(what: str, kind: type[_Spec], work: Callable[[_Spec, Report], None]) -> int:
    """Do what stdin requests, and return the exit code.

    Args:
        what: `download` or `conversion`, for sentences and the log.
        kind: the type of the request.
        work: does it; an `EngineError` becomes the outcome.
    """
    start_log(what)
    # Libraries may print to stdout, so events go to a private descriptor.
    events = _EventWriter(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    spec = msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)
    try:
        work(spec, events)
    except ImportError as error:
        _log.warning("a package is missing", exc_info=True)
        sentence = (
            f"The {what} needs the package {error.name!r}: install Loopwright with its 'models' "
            "extra."
        )
        events.write(ChildEvent(failed=sentence, detail=traceback.format_exc()))
    except EngineError as error:
        _log.warning("the %s fails: %s", what, error)
        _log.debug("because of", exc_info=True)
        events.write(ChildEvent(failed=str(error), detail=traceback.format_exc()))
    except Exception as error:  # noqa: BLE001 - any error becomes a sentence
        _log.exception("the %s fails", what)
        sentence = f"The {what} failed with {type(error).__name__} ({error}): try again."
        events.write(ChildEvent(failed=sentence[:2_000], detail=traceback.format_exc()))
    else:
        events.write(ChildEvent(done=True))
        return 0
    return 1


def end_with_stdin() -> None:
    """End this process when its stdin closes."""
    threading.Thread(target=_wait_for_the_end, name="stdin", daemon=True).start()


def _wait_for_the_end() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4_096):
            pass
    os._exit(1)
