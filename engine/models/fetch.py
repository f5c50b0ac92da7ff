"""The process of one download: `python -P -m engine.models.fetch`.

It is told on stdin, in one line, what to fetch, and says in lines of JSON on stdout how far it is.
It is a process of its own because the one that generates is offline by rule, and because a
connection that hangs can then be cancelled at once, by ending it. It ends when its stdin closes.
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

TELL_EACH_S = 0.1
_log = logging.getLogger("engine.models.fetch")  # __name__ is "__main__" in its own process


class DownloadSpec(msgspec.Struct, frozen=True):
    """What to fetch, and the folder of the store."""

    entry: ModelEntry
    root: str


class DownloadEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far it is, or how it ended: exactly one of `stage`, `done` and `failed` is set."""

    fraction: float = 0.0
    stage: str = ""
    done: bool = False
    failed: str = ""
    detail: str = ""


class _Teller:
    """Writes news, not too often, unless the stage is about another file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._told_at = 0.0
        self._about = ""

    def __call__(self, fraction: float, stage: str) -> None:
        about = stage.partition(" (")[0]
        if about != self._about or time.monotonic() - self._told_at >= TELL_EACH_S:
            self._about, self._told_at = about, time.monotonic()
            self.tell(DownloadEvent(fraction=fraction, stage=stage))

    def tell(self, news: DownloadEvent) -> None:
        self._stream.write(msgspec.json.encode(news) + b"\n")
        self._stream.flush()


def main() -> int:
    """Fetch what stdin says, and return the exit code."""
    start_log("download")
    # The hub's client may print: what we say goes to a descriptor of its own.
    teller = _Teller(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=DownloadSpec)
    threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    try:
        from engine.models.download import Download

        _log.info("download of %s from %s into %s", order.entry.id, order.entry.hub, order.root)
        Download(order.entry, Path(order.root), teller).run()
    except ImportError as error:
        _log.warning("a package is missing", exc_info=True)
        sentence = (
            f"Downloading needs the package {error.name!r}: install Loopwright with its 'models' "
            "extra."
        )
        teller.tell(DownloadEvent(failed=sentence, detail=traceback.format_exc()))
    except EngineError as error:
        _log.warning("the download fails: %s", error)
        _log.debug("because of", exc_info=True)
        teller.tell(DownloadEvent(failed=str(error), detail=traceback.format_exc()))
    except Exception as error:  # noqa: BLE001 - whatever it is, the front end hears a sentence
        _log.exception("the download fails")
        sentence = f"The download failed with {type(error).__name__} ({error}): try again."
        teller.tell(DownloadEvent(failed=sentence[:2_000], detail=traceback.format_exc()))
    else:
        _log.info("download of %s is done", order.entry.id)
        teller.tell(DownloadEvent(done=True))
        return 0
    return 1


def _end_with_stdin() -> None:
    # Not by sys.stdin: its lock would be held when the interpreter ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4_096):
            pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
