"""The state of each model in the window, and the action that runs on it."""

from collections.abc import Callable, Iterable

import msgspec

from desktop.library.rows import (
    DAMAGED,
    DOWNLOADING,
    READY,
    SCANNING,
    WAITING,
    ModelRow,
)
from engine import protocol
from engine.models.entry import ModelEntry


class ModelStates:
    """The models in display order.

    `on_change` is called after each change: with the id of the row that changed, or None if rows
    were added or removed.
    """

    def __init__(self, entries: Iterable[ModelEntry]) -> None:
        self.on_change: Callable[[str | None], None] = lambda _model_id: None
        self.per_second: Callable[[str], float | None] = lambda _model_id: None
        """Returns how many seconds a model took for a second of sound."""
        self._rows = {entry.id: ModelRow(entry=entry) for entry in entries}
        self._jobs: dict[str, str] = {}
        self._loading: tuple[str, str] | None = None
        """The id of the job that waits for a model to load, and the id of that model."""

    @property
    def rows(self) -> list[ModelRow]:
        """All models."""
        return list(self._rows.values())

    @property
    def modes(self) -> dict[str, tuple[str, ...]]:
        """The source modes of each model, by id."""
        return {model_id: row.entry.modes for model_id, row in self._rows.items()}

    @property
    def usable(self) -> dict[str, str]:
        """The names of the models that can be used now, by id."""
        return {
            model_id: row.entry.name.partition(" (")[0]
            for model_id, row in self._rows.items()
            if row.usable
        }

    @property
    def downloads(self) -> int:
        """The number of running and queued downloads."""
        return len(self._jobs)

    def row(self, model_id: str) -> ModelRow | None:
        """Return the row of a model; None if the id is unknown."""
        return self._rows.get(model_id)

    def job_of(self, model_id: str) -> str | None:
        """Return the id of the job that downloads a model; None if there is none."""
        return next((job for job, model in self._jobs.items() if model == model_id), None)

    def update_rows(self, found: Iterable[ModelRow]) -> None:
        """Set the rows that were found on the disk; rows with a running action stay."""
        rows = {}
        for row in found:
            before = self._rows.get(row.id)
            if before is not None and before.busy:
                row = before  # noqa: PLW2901 - the one that is kept
            elif before is not None and before.problem and not row.problem:
                # A check reads the files; a refresh only sees their sizes.
                state = DAMAGED if (before.state, row.state) == (DAMAGED, READY) else row.state
                row = msgspec.structs.replace(row, state=state, problem=before.problem)  # noqa: PLW2901
            loading = before is not None and before.loading
            rows[row.id] = msgspec.structs.replace(
                row, loading=loading, per_second=self.per_second(row.id)
            )
        if rows != self._rows:
            self._rows = rows
            self.on_change(None)

    def change(self, model_id: str, **changes: object) -> None:
        """Change fields of one row."""
        row = self._rows.get(model_id)
        if row is not None:
            self._rows[model_id] = msgspec.structs.replace(row, **changes)
            self.on_change(model_id)

    def settle(self, model_id: str, problem: str = "", *, state: str = SCANNING) -> None:
        """End the action on a model; the next refresh finds its new state."""
        self.change(model_id, state=state, fraction=0.0, stage="", problem=problem)

    def begin_download(self, job_id: str, model_id: str) -> None:
        """Show that the download of a model was requested."""
        self._jobs[job_id] = model_id
        self.change(model_id, state=WAITING, fraction=0.0, stage="", problem="")

    def on_event(self, event: protocol.Event) -> str | None:
        """Handle an engine event; return the id of the model whose download it ends, if any."""
        self._show_loading(event)
        match event:
            case protocol.Progress() if event.id in self._jobs:
                self.change(
                    self._jobs[event.id],
                    state=DOWNLOADING, fraction=event.fraction, stage=event.stage,
                )  # fmt: skip
            case protocol.Done() | protocol.Failed() | protocol.Cancelled():
                return self._end(event)
            case _:
                pass
        return None

    def is_download(self, job_id: str) -> bool:
        """Return whether a job is a download of this window."""
        return job_id in self._jobs

    def _show_loading(self, event: protocol.Event) -> None:
        """Show which model is being loaded into memory, until its job continues or ends."""
        if isinstance(event, protocol.Loading):
            self._loading = event.id, event.model
            self.change(event.model, loading=True)
        elif isinstance(event, protocol.Progress | protocol.Terminal) and self._loading is not None:
            job_id, model_id = self._loading
            if event.id == job_id:
                self._loading = None
                self.change(model_id, loading=False)

    def _end(self, event: protocol.Terminal) -> str | None:
        model_id = self._jobs.pop(event.id, None)
        if model_id is None:
            return None
        problem = event.message if isinstance(event, protocol.Failed) else ""
        self.settle(model_id, problem)
        return model_id
