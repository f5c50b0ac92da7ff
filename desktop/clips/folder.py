"""Watches a project folder on a thread, and reports new clips, removed clips and their recipes.

Clips written by any program appear; no other part has to announce them. Callbacks run on the
watcher's thread.
"""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.clips.rows import ClipRow, row_of_name, row_with_recipe
from engine.loops.errors import LoopError
from engine.loops.files import advice_on, reason_of
from engine.task_thread import TaskThread

POLL_EVERY_S = 0.7
_SCAN = "scan"
_MANY = 200
_FIRST, _NEXT = 40, 80
"""How many clips are read before the window gets them: at first, and from then on."""
_log = logging.getLogger(__name__)
_PAUSE_S = 0.005
"""Pause before every 40 clips: reading files would otherwise starve the window's thread."""


class FolderWatcher:
    """Polls a folder from the first `refresh` to `close`."""

    def __init__(
        self,
        folder: Path,
        on_rows: Callable[[list[ClipRow]], None],
        on_gone: Callable[[list[str]], None],
        on_presence: Callable[[str], None] = lambda _problem: None,
    ) -> None:
        """Prepare to watch; `on_rows` receives new rows, and again rows whose files were read.

        `on_presence` receives a sentence when the folder cannot be read any more, and an empty one
        when it is back; in between, no clip is reported as gone.
        """
        self._folder = folder
        self._on_rows = on_rows
        self._on_gone = on_gone
        self._on_presence = on_presence
        self._problem = ""
        self._known: dict[str, int] = {}
        self._changed_at = 0
        self._thread = TaskThread("clip-folder")

    def refresh(self) -> None:
        """Scan the folder now, and from then on every so often; return at once."""
        self._thread.run(self._watch, key=_SCAN)

    def close(self) -> None:
        """Stop watching."""
        self._thread.close()

    def _watch(self) -> None:
        self._scan()
        self._thread.run(self._watch, key=_SCAN, after_s=POLL_EVERY_S)

    def _scan(self) -> None:
        try:
            changed_at = self._folder.stat().st_mtime_ns
            if changed_at == self._changed_at and not self._problem:
                return
            found = {row.id: row for row in _rows_in(self._folder)}
        except OSError as error:  # its disk may be away: what was known is kept until it is back
            self._report(_problem_of(self._folder, error))
            return
        self._report("")
        new = [row for row in found.values() if self._known.get(row.id) != row.written_ns]
        gone = [clip_id for clip_id in self._known if clip_id not in found]
        self._known = {row.id: row.written_ns for row in found.values()}
        # File times may be coarse: after a change, a second one may leave the time as it was.
        self._changed_at = changed_at if not new else 0
        if new or gone:
            _log.info("clips: %d new, %d removed, %d in total", len(new), len(gone), len(found))
        if gone:
            self._on_gone(gone)
        # A few clips are read before they are shown; many are shown at once and read later.
        if len(new) > _MANY:
            self._on_rows(new)
        self._read(sorted(new, key=lambda row: -row.written_ns))

    def _report(self, problem: str) -> None:
        """Report that the folder has gone or come back, once."""
        if problem != self._problem:
            _log.info("project folder: %s", "not available" if problem else "available again")
            self._problem = problem
            self._on_presence(problem)

    def _read(self, rows: list[ClipRow]) -> None:
        """Read the files of rows, newest first: a few soon, then more at once.

        Each time costs the window 0.2 ms, and each row 0.04 ms.
        """
        first, most = 0, _FIRST
        while first < len(rows):
            read: list[ClipRow] = []
            for row in rows[first : first + most]:
                if len(read) % _FIRST == 0:
                    time.sleep(_PAUSE_S)
                if self._thread.closing:
                    return
                read.append(_read_row(row))
            self._on_rows(read)
            first, most = first + most, _NEXT


def _problem_of(folder: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        what, advice = "is not there", "connect its disk"
    else:
        what, advice = f"cannot be read ({reason_of(error)})", advice_on(error).split(" or ")[0]
    return (
        f"Project folder {folder} {what}, and nothing can be generated: {advice}, or choose "
        "another folder (Ctrl+O)."
    )


def _rows_in(folder: Path) -> Iterator[ClipRow]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # A link could lead out of the project, and we never write links.
            if entry.name.endswith(".wav") and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):  # deleted just now
                    row = row_of_name(folder / entry.name, entry.stat().st_mtime_ns)
                    if row is not None:
                        yield row


def _read_row(row: ClipRow) -> ClipRow:
    from engine.loops.file_facts import read_facts

    try:
        recipe = read_facts(row.path).recipe
    except LoopError:  # keep the facts from the file name; playing the clip reports the error
        return row
    return row if recipe is None else row_with_recipe(row, recipe)
