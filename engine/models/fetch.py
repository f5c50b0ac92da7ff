"""The process of one download: `python -P -m engine.models.fetch`.

It is a separate process because the one that generates is always offline, and because a hanging
connection can then be cancelled at once by ending it.
"""

import logging
import sys
from pathlib import Path

import msgspec

from engine.models.child import Report, end_with_stdin, run_child
from engine.models.entry import ModelEntry

_log = logging.getLogger("engine.models.fetch")  # __name__ is "__main__" in its own process


class DownloadSpec(msgspec.Struct, frozen=True):
    """What to fetch, and the folder of the store."""

    entry: ModelEntry
    root: str


def main() -> int:
    """Fetch what stdin requests, and return the exit code."""
    return run_child("download", DownloadSpec, _fetch)


def _fetch(spec: DownloadSpec, report: Report) -> None:
    end_with_stdin()
    from engine.models.download import Download

    _log.info("download of %s from %s into %s", spec.entry.id, spec.entry.hub, spec.root)
    Download(spec.entry, Path(spec.root), report).run()
    _log.info("download of %s is done", spec.entry.id)


if __name__ == "__main__":
    sys.exit(main())
