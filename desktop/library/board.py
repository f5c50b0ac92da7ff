"""All models of the window, and what is being done with each."""

from collections.abc import Callable, Iterable

import msgspec

from desktop.library.rows import (
    DAMAGED,
    DOWNLOADING,
    LOOKING,
    READY,
    WAITING,
    ModelRow,
)
from engine import protocol
from engine.models.entry import ModelEntry


class ModelBoard:
    """The models in the order in which they are shown.

    `on_change` is told afterwards: the id of the row with new contents, or None where rows came or
    went.
    """

    def __init__(self, entries: Iterable[ModelEntry]) -> None:
        self.on_change: Callable[[str | None], None] = lambda _model_id: None
        self._rows = {entry.id: ModelRow(entry=entry) for entry in entries}
        self._jobs: dict[str, str] = {}
        self._loading: tuple[str, str] | None = None
        """The job and the model that is being loaded for it."""

    @property
    def rows(self) -> list[ModelRow]:
        """All models."""
        return list(self._rows.values())

    @property
    def modes(self) -> dict[str, tuple[str, ...]]:
        """What each model can make of a source, by its id."""
        return {model_id: row.entry.modes for model_id, row in self._rows.items()}

    @property
    def downloads(self) -> int:
        """How many downloads run or wait."""
        return len(self._jobs)

    def row(self, model_id: str) -> ModelRow | None:
        """Return a model by its id."""
        return self._rows.get(model_id)

    def job_of(self, model_id: str) -> str | None:
        """Return the id of the job that downloads a model, if one does."""
        return next((job for job, model in self._jobs.items() if model == model_id), None)

    def look(self, found: Iterable[ModelRow]) -> None:
        """Take over what was found on the disk; what is being done with a model stays."""
        rows = {}
        for row in found:
            before = self._rows.get(row.id)
            if before is not None and before.busy:
                row = before  # noqa: PLW2901 - the one that is kept
            elif before is not None and before.problem and not row.problem:
                # A check has read the files, a look only sees their sizes.
                state = DAMAGED if (before.state, row.state) == (DAMAGED, READY) else row.state
                row = msgspec.structs.replace(row, state=state, problem=before.problem)  # noqa: PLW2901
            loading = before is not None and before.loading
            rows[row.id] = msgspec.structs.replace(row, loading=loading)
        if rows != self._rows:
            self._rows = rows
            self.on_change(None)

    def change(self, model_id: str, **changes: object) -> None:
        """Change what is shown of one model."""
        row = self._rows.get(model_id)
        if row is not None:
            self._rows[model_id] = msgspec.structs.replace(row, **changes)
            self.on_change(model_id)

    def settle(self, model_id: str, problem: str = "", *, state: str = LOOKING) -> None:
        """Show that nothing is done with a model any more; what it is now, a look will say."""
        self.change(model_id, state=state, fraction=0.0, stage="", problem=problem)

    def begin_download(self, job_id: str, model_id: str) -> None:
        """Show that a model was asked for."""
        self._jobs[job_id] = model_id
        self.change(model_id, state=WAITING, fraction=0.0, stage="", problem="")

    def on_event(self, event: protocol.Event) -> str | None:
        """Take in what the engine says; return which model's download has ended by it."""
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

    def knows(self, job_id: str) -> bool:
        """Return whether a job is a download that was asked for here."""
        return job_id in self._jobs

    def _show_loading(self, event: protocol.Event) -> None:
        """Show which model is being loaded into memory, until its job goes on or ends."""
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
