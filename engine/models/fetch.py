"""The process of one download: `python -P -m engine.models.fetch`.

It reads one line of JSON from stdin that says what to fetch, and reports progress as lines of JSON
on stdout. It is a separate process because the one that generates is always offline, and because a
hanging connection can then be cancelled at once by ending it. It ends when its stdin closes.
"""

import contextlib
import logging
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.errors import EngineError
from engine.log import start_log
from engine.models.entry import ModelEntry

MIN_INTERVAL_S = 0.1
_log = logging.getLogger("engine.models.fetch")  # __name__ is "__main__" in its own process


class DownloadSpec(msgspec.Struct, frozen=True):
    """What to fetch, and the folder of the store."""

    entry: ModelEntry
    root: str


class DownloadEvent(msgspec.Struct, frozen=True, omit_defaults=True):
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
            self.write(DownloadEvent(fraction=fraction, stage=stage))

    def write(self, event: DownloadEvent) -> None:
        self._stream.write(msgspec.json.encode(event) + b"\n")
        self._stream.flush()


def main() -> int:
    """Fetch what stdin requests, and return the exit code."""
    start_log("download")
    # The hub's client may print to stdout, so events go to a private descriptor.
    events = _EventWriter(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    spec = msgspec.json.decode(sys.stdin.buffer.readline(), type=DownloadSpec)
    threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    try:
        from engine.models.download import Download

        _log.info("download of %s from %s into %s", spec.entry.id, spec.entry.hub, spec.root)
        Download(spec.entry, Path(spec.root), events).run()
    except ImportError as error:
        _log.warning("a package is missing", exc_info=True)
        sentence = (
            f"Downloading needs the package {error.name!r}: install Loopwright with its 'models' "
            "extra."
        )
        events.write(DownloadEvent(failed=sentence, detail=traceback.format_exc()))
    except EngineError as error:
        _log.warning("the download fails: %s", error)
        _log.debug("because of", exc_info=True)
        events.write(DownloadEvent(failed=str(error), detail=traceback.format_exc()))
    except Exception as error:  # noqa: BLE001 - any error becomes a sentence
        _log.exception("the download fails")
        sentence = f"The download failed with {type(error).__name__} ({error}): try again."
        events.write(DownloadEvent(failed=sentence[:2_000], detail=traceback.format_exc()))
    else:
        _log.info("download of %s is done", spec.entry.id)
        events.write(DownloadEvent(done=True))
        return 0
    return 1


def _end_with_stdin() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4_096):
            pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
