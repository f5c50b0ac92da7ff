"""Has the engine analyse the source of the next loop while no job is open."""

from collections.abc import Callable

from desktop.prompt.form import Source
from desktop.prompt.open_jobs import OpenJobs
from engine import protocol
from engine.client import Engine
from engine.errors import EngineDied
from engine.loops.errors import LoopError
from engine.loops.source.analysis import Analysis


class SourceAnalysis:
    """Analyses the source that was wanted last; jobs go first.

    An analysis is not a job of the user: it is not in the queue list, and a failure is not
    reported, since Generate reports why a source cannot be used.
    """

    def __init__(
        self, engine: Engine, open_jobs: OpenJobs, show: Callable[[Source, Analysis], None]
    ) -> None:
        """Prepare without requesting anything.

        Args:
            engine: analyses the files.
            open_jobs: an analysis is cancelled for them; a job detects what it needs itself.
            show: called with each result that is still wanted.
        """
        self._engine = engine
        self._open_jobs = open_jobs
        self._show = show
        self._wanted: Source | None = None
        self._running: dict[str, Source] = {}

    def want(self, source: Source | None) -> None:
        """Analyse this source instead of the one before; none if it is None."""
        self._wanted = source
        self._cancel()
        self.proceed()

    def proceed(self) -> None:
        """Begin what is wanted if no job is open; otherwise cancel, to begin again after them."""
        if len(self._open_jobs):
            self._cancel()
        elif self._wanted is not None and not self._running:
            try:
                job_id = self._engine.analyse(self._wanted.path, self._wanted.stated)
            except (LoopError, EngineDied):
                self._wanted = None
            else:
                self._running[job_id] = self._wanted

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to an analysis of this window."""
        if not isinstance(event, protocol.JobEvent) or event.id not in self._running:
            return False
        if isinstance(event, protocol.Analysed):
            self._on_result(self._running[event.id], event.analysis)
        elif isinstance(event, protocol.Terminal):
            ended = self._running.pop(event.id)
            if ended is self._wanted and not isinstance(event, protocol.Cancelled):
                self._wanted = None
            self.proceed()
        return True

    def _on_result(self, source: Source, analysis: Analysis) -> None:
        if source is self._wanted:
            self._wanted = None
            self._show(source, analysis)

    def _cancel(self) -> None:
        for job_id in self._running:
            self._engine.cancel(job_id)
