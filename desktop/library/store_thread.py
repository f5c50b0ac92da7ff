"""Runs the window's work on the model store on a thread: refresh, check, remove, add a folder.

Tasks run one at a time, since they share a disk; a check can be cancelled between any two blocks of
a file. Callbacks are called on the thread.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from desktop.library.rows import BUILT_IN, DAMAGED, READY, ModelRow
from engine.errors import EngineError
from engine.models.entry import ModelEntry
from engine.models.errors import DamagedModel, gigabytes
from engine.models.needs import Capacity
from engine.task_thread import TaskThread

if TYPE_CHECKING:
    from engine.models.store import ModelStore, OwnFolder

CHECK, REMOVE, ADD = "check", "remove", "add"
_REPORT_EVERY_BYTES = 2**25
_log = logging.getLogger(__name__)


class StoreSnapshot(NamedTuple):
    """All models on the disk, and the capacity of the machine, if it is known."""

    rows: list[ModelRow]
    capacity: Capacity | None


class StoreResult(NamedTuple):
    """The result of a task as a sentence, which is empty if the task was cancelled."""

    what: str
    model_id: str
    text: str
    failed: bool = False


class _Cancelled(BaseException):
    """A check was cancelled, or the window is closing."""


class StoreThread:
    """Runs tasks in order, until `close`."""

    def __init__(
        self,
        on_snapshot: Callable[[StoreSnapshot], None],
        on_progress: Callable[[str, float], None],
        on_result: Callable[[StoreResult], None],
    ) -> None:
        """Prepare.

        Args:
            on_snapshot: called with the result of a refresh.
            on_progress: called with a model id and the progress of its check, 0..1.
            on_result: called with the result of any other task.
        """
        self._on_snapshot = on_snapshot
        self._on_progress = on_progress
        self._on_result = on_result
        self._cancelled: dict[str, threading.Event] = {}
        self._thread = TaskThread("model-store")

    def refresh(self) -> None:
        """Scan the disk again; queued refreshes are merged."""
        self._thread.run(lambda: self._on_snapshot(snapshot_of(self._store)), key="refresh")

    def check(self, model_id: str) -> None:
        """Check every file of a model."""
        cancelled = self._cancelled[model_id] = threading.Event()
        self._run(CHECK, model_id, lambda: self._check(model_id, cancelled))

    def remove(self, model_id: str) -> None:
        """Delete the files of a model, or remove a user folder from the list."""
        self._run(REMOVE, model_id, lambda: _remove(self._store, model_id))

    def add_folder(self, folder: Path) -> None:
        """Add a user folder as a model."""
        self._run(ADD, str(folder), lambda: _add(self._store, folder))

    def cancel_check(self, model_id: str) -> None:
        """Cancel a running or queued check."""
        if model_id in self._cancelled:
            self._cancelled[model_id].set()

    def close(self) -> None:
        """End the thread; cancel a running check."""
        self._thread.close()

    def _run(self, what: str, about: str, task: Callable[[], str]) -> None:
        self._thread.run(lambda: self._carry_out(what, about, task), key=(what, about))

    # From here on: on the thread.

    @cached_property
    def _store(self) -> "ModelStore":
        # Imported here, so that it does not delay the window.
        from engine.models.catalogue import built_in_catalogue
        from engine.models.store import ModelStore

        return ModelStore(built_in_catalogue())

    def _carry_out(self, what: str, about: str, task: Callable[[], str]) -> None:
        try:
            result = StoreResult(what, about, task())
        except _Cancelled:
            result = StoreResult(what, about, "")
        except DamagedModel as error:
            text = f"{error.file} {error.reason}: repair it, which downloads only damaged files."
            result = StoreResult(what, about, text, failed=True)
        except EngineError as error:
            result = StoreResult(what, about, str(error), failed=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            text = f"{about[:200]}: {reason}; fix that and try again."
            result = StoreResult(what, about, text, failed=True)
        model = "a folder" if what == ADD else about
        how = "failed" if result.failed else "is done" if result.text else "was cancelled"
        _log.info("%s of %s %s", what, model, how)
        self._on_result(result)
        self.refresh()

    def _check(self, model_id: str, cancelled: threading.Event) -> str:
        store, manifest = self._store, None
        if model_id not in store.folders.places:
            manifest = store.manifest(model_id)
        total = max(1, manifest.size_bytes if manifest else 1)
        done = reported = 0

        def read(count: int) -> None:
            nonlocal done, reported
            done += count
            if self._thread.closing or cancelled.is_set():
                raise _Cancelled
            if done - reported >= _REPORT_EVERY_BYTES:
                reported = done
                self._on_progress(model_id, min(done / total, 1.0))

        revision = store.check(model_id, read).revision
        return f"{model_id} is complete" + (f", revision {revision[:12]}." if revision else ".")


def snapshot_of(store: "ModelStore") -> StoreSnapshot:
    """Return the models of a store, judged by file sizes alone."""
    from engine.models.needs import capacity_at

    rows = [_catalogue_row(store, entry) for entry in store.catalogue.entries]
    rows += [_own_row(own) for own in store.own()]
    room = None
    with contextlib.suppress(OSError):
        room = capacity_at(store.root)
    return StoreSnapshot(rows, room)


def _catalogue_row(store: "ModelStore", entry: ModelEntry) -> ModelRow:
    if not entry.hub:
        return ModelRow(entry=entry, state=BUILT_IN)
    here, whole = store.arrived(entry) or (0, 0)
    manifest = store.manifest(entry.id)
    return ModelRow(
        entry=entry,
        state=store.state(entry),
        here_bytes=here,
        of_bytes=manifest.size_bytes if manifest else whole,
    )


def _own_row(own: "OwnFolder") -> ModelRow:
    entry = own.entry or ModelEntry(
        id=own.name, name=own.folder.name, family="", licence="", commercial_use=False,
        sample_rate=0, channels=0, size_bytes=0, good_for="a folder that you added", generator="",
    )  # fmt: skip
    state = READY if own.entry else DAMAGED
    return ModelRow(
        entry=entry, state=state, of_bytes=entry.size_bytes, folder=own.folder, problem=own.problem
    )


def _remove(store: "ModelStore", model_id: str) -> str:
    if (folder := store.folders.places.get(model_id)) is not None:
        store.remove(model_id)
        return f"Removed {model_id} from the list; its files stay in {folder}."
    return f"Removed {model_id} and freed {gigabytes(store.remove(model_id))}."


def _add(store: "ModelStore", folder: Path) -> str:
    return f"Added {folder} as the model {store.add_folder(folder).id}."
