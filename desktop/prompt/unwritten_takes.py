"""Offers to save takes in another folder after the project could not be written to."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.state.notices import Notices, Offer
from engine import protocol
from engine.client import Engine
from engine.errors import EngineDied


class UnwrittenTakes:
    """Handles the failures of jobs that kept takes, and the jobs that save these."""

    def __init__(
        self,
        engine: Engine,
        parent: QWidget,
        notices: Notices,
        on_save: Callable[[str], None],
    ) -> None:
        """Prepare; `on_save` is called with the id of each job that saves takes."""
        self._engine = engine
        self._parent = parent
        self._notices = notices
        self._on_save = on_save
        self._folders: dict[str, Path] = {}

    def offer(self, failed: protocol.Failed) -> None:
        """Show why a job failed, with a button to save its takes elsewhere."""
        offer = Offer("Save elsewhere…", lambda: self._choose(failed.id))
        self._notices.error(failed.message, detail=failed.detail, offer=offer)

    def save(self, job_id: str, folder: Path) -> None:
        """Save the takes that a failed job kept in another folder."""
        try:
            saving = self._engine.save(job_id, folder)
        except EngineDied as error:
            self._notices.error(str(error), topic="generate")
            return
        self._folders[saving] = folder
        self._on_save(saving)

    def is_saving(self, job_id: str) -> bool:
        """Return whether a job saves takes elsewhere."""
        return job_id in self._folders

    def on_done(self, done: protocol.Done) -> None:
        """Show that takes were saved."""
        folder = self._folders.pop(done.id)
        takes = "1 take" if len(done.clips) == 1 else f"{len(done.clips)} takes"
        self._notices.info(f"Saved {takes} in {folder}.", topic="generate")

    def _choose(self, job_id: str) -> None:
        home = str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self._parent, "Save takes in", home)
        if chosen:
            self.save(job_id, Path(chosen))
