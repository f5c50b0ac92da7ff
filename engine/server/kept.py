"""Takes that could not be written: kept in memory, and as clips in the user's state folder.

The folder is for front ends that exit with the job, and for engines that are closed. The memory is
for a front end that offers to save them elsewhere, even if the whole disk is full.
"""

import contextlib
import itertools
import logging
from pathlib import Path

import platformdirs

from engine.errors import TakesNotWritten
from engine.loops.errors import LoopError, ProjectError
from engine.loops.project import Project
from engine.server.delivery import ReadyTake, write_clip
from engine.server.room import free_room

MOST_BYTES = 2**30
"""How much audio is kept in memory."""
SPARE_BYTES = 200_000_000
"""How much disk space the folder leaves for the user's other programs."""
_log = logging.getLogger(__name__)


def unsaved_folder() -> Path:
    """Return the folder for takes that could not be written to their project."""
    return platformdirs.user_state_path("Loopwright", appauthor=False) / "unsaved"


class KeptTakes:
    """The unwritten takes of the last job that had some."""

    def __init__(self) -> None:
        """Start without any."""
        self._job_id = ""
        self._takes: list[ReadyTake] = []
        self._copies: list[Path] = []

    def keep(self, job_id: str, takes: list[ReadyTake], reason: Exception) -> TakesNotWritten:
        """Keep the takes of a job in place of earlier ones, and return the error that says so.

        `job_id` is the job that could not write them, even if an earlier one made them.
        """
        if self._takes and self._takes[0].job_id == takes[0].job_id:
            self.forget(self._job_id)
        self._job_id, self._takes = job_id, _fitting(takes)
        folder = unsaved_folder()
        self._copies = _copied(takes, folder)
        _log.info("%d takes unwritten, %d in memory", len(takes), len(self._takes))
        return TakesNotWritten(
            str(reason), len(takes), len(self._takes),
            str(folder) if self._copies else "", takes[0].request.seed or 0,
        )  # fmt: skip

    def of(self, job_id: str) -> list[ReadyTake]:
        """Return the takes that a job kept.

        Raises:
            LoopError: it kept none, or a later job did.
        """
        if job_id != self._job_id or not self._takes:
            raise LoopError(
                f"The takes are no longer in memory: look in {unsaved_folder()}, or make them "
                "again with their seed."
            )
        return list(self._takes)

    def forget(self, job_id: str) -> None:
        """Free the takes of a job, which have been saved, and delete their copies."""
        if job_id == self._job_id:
            _delete(self._copies)
            self._job_id, self._takes, self._copies = "", [], []


def _fitting(takes: list[ReadyTake]) -> list[ReadyTake]:
    """Return as many of the takes as may be kept in memory, best first."""
    sizes = itertools.accumulate(ready.take.audio.nbytes for ready in takes)
    return [ready for ready, size in zip(takes, sizes, strict=True) if size <= MOST_BYTES]


def _copied(takes: list[ReadyTake], folder: Path) -> list[Path]:
    """Write the takes to a folder, all or none; return their paths."""
    copies: list[Path] = []
    needed = sum(ready.take.audio.nbytes for ready in takes) + SPARE_BYTES
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        project = Project.open(folder)
        free = free_room(folder)
        if free is None or free > needed:
            copies.extend(Path(write_clip(project, ready).path) for ready in takes)
    except (ProjectError, OSError) as error:
        _log.info("takes cannot be copied: %s", type(error).__name__)
    if len(copies) == len(takes):
        return copies
    _delete(copies)
    return []


def _delete(copies: list[Path]) -> None:
    for copy in copies:
        with contextlib.suppress(OSError):
            copy.unlink()
