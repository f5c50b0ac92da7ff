"""What the window does with the store of models, on a thread: look, check, remove, add a folder.

One thing after the other, since all of it is about one disk; a check can be cancelled between any
two blocks of a file. Callbacks are called on the thread. This is not a `Background`, because it
merges looks that wait and cancels checks.
"""

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from desktop.library.rows import BUILT_IN, DAMAGED, READY, ModelRow
from engine.errors import EngineError
from engine.models.entry import ModelEntry
from engine.models.errors import DamagedModel, gigabytes
from engine.models.needs import Capacity

if TYPE_CHECKING:
    from engine.models.store import ModelStore, OwnFolder

CHECK, REMOVE, ADD = "check", "remove", "add"
_LOOK = ("look", "")
_TELL_EACH_BYTES = 2**25
_log = logging.getLogger(__name__)


class StoreSnapshot(NamedTuple):
    """All models as they are on the disk, and what room there is, where that is known."""

    rows: list[ModelRow]
    room: Capacity | None


class StoreResult(NamedTuple):
    """What was done with a model, or why not, in a sentence; an empty one was cancelled."""

    what: str
    model_id: str
    told: str
    failed: bool = False


class _Cancelled(BaseException):
    """A check was cancelled, or the window closes."""


class StoreThread:
    """Does what it is asked, from `start` to `close`; each thing waits for the one before."""

    def __init__(
        self,
        on_snapshot: Callable[[StoreSnapshot], None],
        on_progress: Callable[[str, float], None],
        on_result: Callable[[StoreResult], None],
    ) -> None:
        """Prepare.

        Args:
            on_snapshot: told what a look has found.
            on_progress: told how far the check of a model is, 0..1.
            on_result: told what has been done.
        """
        self._on_snapshot = on_snapshot
        self._on_progress = on_progress
        self._on_result = on_result
        self._changed = threading.Condition()
        self._wanted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._doing: tuple[str, str] | None = None
        self._cancelled = False
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="model-store", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def look(self) -> None:
        """Look again at what is there; of several looks that wait, one is enough."""
        self._want(_LOOK)

    def check(self, model_id: str) -> None:
        """Read every file of a model again."""
        self._want((CHECK, model_id))

    def remove(self, model_id: str) -> None:
        """Delete the files of a model, or forget a folder."""
        self._want((REMOVE, model_id))

    def add_folder(self, folder: Path) -> None:
        """Use a folder as a model from now on."""
        self._want((ADD, str(folder)))

    def cancel_check(self, model_id: str) -> None:
        """End the check of a model, or leave it undone."""
        with self._changed:
            if (CHECK, model_id) in self._wanted:
                del self._wanted[CHECK, model_id]
                self._wanted[_LOOK] = None
                self._changed.notify()
            elif self._doing == (CHECK, model_id):
                self._cancelled = True

    def close(self) -> None:
        """End; a check is broken off, and nothing is told afterwards."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _want(self, task: tuple[str, str]) -> None:
        with self._changed:
            self._wanted[task] = None
            self._changed.notify()

    # From here on: on the thread.

    def _work(self) -> None:
        # Imported here, so that the first picture of the window does not wait for it.
        from engine.models.catalogue import built_in_catalogue
        from engine.models.store import ModelStore

        store = ModelStore(built_in_catalogue())
        while (task := self._next()) is not None:
            if task == _LOOK:
                found = look_at(store)
                if not self._closed:
                    self._on_snapshot(found)
            else:
                self._carry_out(store, *task)

    def _next(self) -> tuple[str, str] | None:
        with self._changed:
            self._doing, self._cancelled = None, False
            self._changed.wait_for(lambda: self._closed or self._wanted)
            if self._closed:
                return None
            self._doing = self._wanted.popitem(last=False)[0]
            return self._doing

    def _carry_out(self, store: "ModelStore", what: str, about: str) -> None:
        try:
            told = {CHECK: self._check, REMOVE: _remove, ADD: _add}[what](store, about)
            result = StoreResult(what, about, told)
        except _Cancelled:
            result = StoreResult(what, about, "")
        except DamagedModel as error:
            told = f"{error.file} {error.reason}: mend it, which fetches what is damaged alone."
            result = StoreResult(what, about, told, failed=True)
        except EngineError as error:
            result = StoreResult(what, about, str(error), failed=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            told = f"{about[:200]}: {reason}; mend that and try again."
            result = StoreResult(what, about, told, failed=True)
        model = "a folder" if what == ADD else about
        how = "fails" if result.failed else "is done" if result.told else "is cancelled"
        _log.info("%s of %s %s", what, model, how)
        if not self._closed:
            self._on_result(result)
        self.look()

    def _check(self, store: "ModelStore", model_id: str) -> str:
        manifest = None
        if model_id not in store.folders.places:
            manifest = store.manifest(model_id)
        total = max(1, manifest.size_bytes if manifest else 1)
        done = told = 0

        def read(count: int) -> None:
            nonlocal done, told
            done += count
            if self._closed or self._cancelled:
                raise _Cancelled
            if done - told >= _TELL_EACH_BYTES:
                told = done
                self._on_progress(model_id, min(done / total, 1.0))

        revision = store.check(model_id, read).revision
        return f"{model_id} is whole" + (f", revision {revision[:12]}." if revision else ".")


def look_at(store: "ModelStore") -> StoreSnapshot:
    """Return the models of a store as they are on the disk, from sizes alone."""
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
        sample_rate=0, channels=0, size_bytes=0, good_for="a folder of yours", generator="",
    )  # fmt: skip
    state = READY if own.entry else DAMAGED
    return ModelRow(
        entry=entry, state=state, of_bytes=entry.size_bytes, folder=own.folder, problem=own.problem
    )


def _remove(store: "ModelStore", model_id: str) -> str:
    if (folder := store.folders.places.get(model_id)) is not None:
        store.remove(model_id)
        return f"{model_id} is no longer used; its files stay in {folder}."
    return f"{model_id} is removed: {gigabytes(store.remove(model_id))} are free again."


def _add(store: "ModelStore", folder: str) -> str:
    return f"{folder} is the model {store.add_folder(Path(folder)).id} now."
