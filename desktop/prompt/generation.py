"""From the Generate button to the clips: asks the engine, and shows what it answers."""

import time
from collections.abc import Callable
from pathlib import Path

from desktop.prompt.form import request_of, time_asked
from desktop.prompt.job_board import JobBoard
from desktop.prompt.panel import PromptPanel
from desktop.state.notices import Notices
from desktop.transport.session_time import SessionTime
from desktop.transport.strip import Transport
from desktop.widgets.status_line import StatusLine
from engine import protocol
from engine.client import Engine, EngineExit, restarting
from engine.errors import EngineDied
from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest


class GenerationController:
    """What the prompt panel, the queue and the status line do."""

    def __init__(
        self,
        engine: Engine,
        project: Path,
        panel: PromptPanel,
        transport: Transport,
        status: StatusLine,
        board: JobBoard,
        notices: Notices,
    ) -> None:
        self._engine = engine
        self._project = project
        self._panel = panel
        self._transport = transport
        self._status = status
        self._board = board
        self._notices = notices
        self._best: dict[str, str] = {}
        self._asked_at: dict[str, float] = {}
        self.may_use: Callable[[str], bool] = lambda _model: True
        """Asked before a model is; where it cannot be used, whoever says no also says why."""
        self.made: str | None = None
        """The best clip of the job that was done last, until somebody has shown it."""

    def generate(self) -> None:
        """Ask for what the prompt panel holds."""
        panel, session = self._panel, self._transport.time
        try:
            asking = panel.asking()
            request = request_of(asking, session)
        except LoopError as error:
            self._notices.error(str(error), topic="generate")
            return
        source = asking.source
        paths = (None, None) if source is None else (source.path, source.with_path)
        if self.ask(request, *paths):
            panel.prompt.remember(asking.prompt)
            self._transport.show_time(time_asked(asking.prompt, session))

    def ask(
        self,
        request: LoopRequest,
        source: Path | None = None,
        with_source: Path | None = None,
        title: str = "",
    ) -> bool:
        """Ask for the takes of a request, and show it in the queue.

        Args:
            request: what is wanted.
            source: the file that it is made of, where it is.
            with_source: the second one, for a blend.
            title: what the queue calls it; what it is understood as if empty.

        Returns whether it could be asked for; if not, the window says why.
        """
        if not request.needs_no_model and not self.may_use(request.model):
            return False
        try:
            job_id = self._ask(request, source, with_source)
        except (LoopError, EngineDied) as error:
            self._notices.error(str(error), topic="generate")
            return False
        self._board.add(job_id, request, title=title)
        self._asked_at[job_id] = time.monotonic()
        return True

    def make_example(self, prompt: str) -> None:
        """Make one of the examples, as if it had been typed."""
        self._panel.fill(prompt)
        self.generate()

    def fill_from(self, recipe: Recipe) -> None:
        """Fill the prompt panel and the transport from a recipe."""
        self._panel.fill_from(recipe.request, recipe.model.id)
        bars = recipe.grid.bars if recipe.grid.is_loop else self._transport.time.bars
        meter, key = str(recipe.grid.meter), recipe.key or ""
        self._transport.show_time(SessionTime(recipe.grid.bpm, meter, key, bars))
        self._panel.prompt.setFocus()

    def cancel(self, job_id: str) -> None:
        """End a job."""
        self._board.cancelling(job_id)
        self._engine.cancel(job_id)

    def restart_engine(self) -> None:
        """Start the engine again."""
        self._status.show_engine("engine starting")
        self._engine.start()

    def on_event(self, event: protocol.Event) -> None:
        """Take in what the engine says; of what others asked for, the queue alone tells."""
        is_others = isinstance(event, protocol.JobEvent) and self._board.is_from_others(event.id)
        self._board.on_event(event)
        if is_others:
            return
        match event:
            case protocol.Ready():
                self._status.show_engine("engine ready", ready=True)
            case protocol.Understood():
                self._panel.chips.show_words(event.understood, event.ignored)
            case protocol.TakeReady():
                self._on_take(event)
            case protocol.Done():
                self._on_done(event)
            case protocol.Failed():
                self._notices.error(event.message, detail=event.detail)
            case _:
                pass

    def on_engine_exit(self, ended: EngineExit) -> None:
        """Take in that an engine process has ended."""
        if not ended.was_successful():
            self._status.show_engine("engine stopped", failed=True)
            self._notices.error(str(ended), detail=ended.detail, topic="engine")

    def _ask(self, request: LoopRequest, *paths: Path | None) -> str:
        return restarting(
            self._engine,
            lambda: self._engine.render(request, self._project, *paths, preview=True),
        )

    def _on_take(self, event: protocol.TakeReady) -> None:
        self._best.setdefault(event.id, event.clip.id)
        self._panel.show_seed(event.clip.recipe.asked_seed)

    def _on_done(self, event: protocol.Done) -> None:
        self.made = self._best.pop(event.id, None)
        asked_at = self._asked_at.pop(event.id, None)
        if asked_at is not None:
            takes = "1 take" if len(event.clips) == 1 else f"{len(event.clips)} takes"
            passed_s = time.monotonic() - asked_at
            self._status.last.setText(f"{takes} made in {passed_s:.1f} s")
