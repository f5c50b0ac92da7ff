"""From the Generate button to the clips: sends requests to the engine and shows its events."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.prompt.form import Source, request_of
from desktop.prompt.open_jobs import OpenJobs
from desktop.prompt.panel import PromptPanel
from desktop.prompt.unwritten_takes import UnwrittenTakes
from desktop.state.notices import Notices, Offer
from desktop.transport.strip import Transport
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from desktop.widgets.status_line import StatusLine
from engine import protocol
from engine.client import Engine, EngineExit, restarting
from engine.client.prompt_words import facts_in, words_in
from engine.entry_points import engine_elsewhere
from engine.errors import EngineDied
from engine.loops.derive import SKETCH_ID
from engine.loops.errors import LoopError
from engine.loops.precedence import SessionTime
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import format_bpm
from engine.remote.place import parse_place

_PAUSE_S = 0.4
"""How long after the last key the words of a prompt are read."""


class GenerationController:
    """Handles the prompt panel, the queue and the status line."""

    def __init__(
        self,
        engine: Engine,
        project: Path,
        panel: PromptPanel,
        transport: Transport,
        status: StatusLine,
        open_jobs: OpenJobs,
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        self._engine = engine
        self._project = project
        self._panel = panel
        self._transport = transport
        self._status = status
        self._open_jobs = open_jobs
        self._notices = notices
        self.unwritten = UnwrittenTakes(engine, panel, notices, self._on_save)
        self._best: dict[str, str] = {}
        self._requested_at: dict[str, float] = {}
        self._on_made: dict[str, Callable[[str], None]] = {}
        self._aside: set[str] = set()
        """The jobs whose clips are not selected in the list."""
        self.may_use: Callable[[str], bool] = lambda _model: True
        """Returns whether a model can be used; it also shows the reason if not."""
        self._used: Source | None = None
        self._asked = ""
        """The last job of the panel itself, not of a verb or a part; its seed is shown."""
        self._worded = ""
        """The job whose words are in the prompt; empty once the prompt is changed."""
        self._reading = Background("words", main_thread)
        panel.prompt.textChanged.connect(self._on_prompt_changed)
        self.project_problem = ""
        """Why nothing can be written to the project folder now; empty if it is there."""
        self.made: str | None = None
        """The id of the best clip of the last job, or of a recording, until the list selects it."""

    @property
    def takes(self) -> int:
        """How many takes are asked for."""
        takes: int = self._panel.takes.value
        return takes

    def generate(self) -> None:
        """Generate what the prompt panel asks for."""
        panel = self._panel
        try:
            form = panel.form()
            request, session = request_of(form, self._transport.time)
        except LoopError as error:
            self._notices.error(str(error), topic="generate")
            return
        source = form.source
        paths = (None, None) if source is None else (source.path, source.with_path)
        if job_id := self.ask(request, *paths):
            self._asked = self._worded = job_id
            panel.prompt.remember(form.prompt)
            self._used = source
            self._offer_session(session)

    def _offer_session(self, stated: SessionTime) -> None:
        """Offer to take what the prompt states over into the session, if that differs."""
        time = self._transport.time
        parts = (
            f"{format_bpm(stated.bpm)} bpm" if stated.bpm != time.bpm else "",
            stated.meter if stated.meter != time.meter else "",
            stated.key if stated.key != time.key else "",
        )
        if differs := ", ".join(part for part in parts if part):
            offer = Offer("Use in the session", lambda: self._transport.show_time(stated))
            self._notices.info(f"{differs}: for this loop only.", topic="session", offer=offer)

    def close(self) -> None:
        """Stop to read what is typed."""
        self._reading.close()

    def _on_prompt_changed(self) -> None:
        self._worded = ""
        self._offer_to_let_go()
        prompt = self._panel.prompt.toPlainText()
        if prompt.strip():
            is_sketch = self._panel.model.currentData() == SKETCH_ID
            self._reading.run(
                lambda: words_in(prompt) if is_sketch else (facts_in(prompt), ()),
                lambda words: self._show_words(prompt, *words),
                key="prompt", after_s=_PAUSE_S,
            )  # fmt: skip

    def _show_words(
        self, prompt: str, understood: tuple[str, ...], ignored: tuple[str, ...]
    ) -> None:
        """Show what was read in a prompt, unless it has changed or was asked for since."""
        if not self._worded and prompt == self._panel.prompt.toPlainText():
            self._panel.chips.show_words(understood, ignored)

    def _offer_to_let_go(self) -> None:
        """Offer to let go of a source that has been used, when another prompt is typed."""
        used, panel = self._used, self._panel
        self._used = None
        if used is not None and panel.source == used:
            offer = Offer("Let it go", lambda: setattr(panel, "source", None))
            self._notices.info(
                f"{used.path.name} is still what to start from.", topic="source", offer=offer
            )

    def ask(
        self,
        request: LoopRequest,
        source: Path | None = None,
        with_source: Path | None = None,
        title: str = "",
        fits: Sequence[Path] = (),
        on_made: Callable[[str], None] | None = None,
        *,
        selects: bool = True,
    ) -> str:
        """Send a request to the engine, and show the job in the queue.

        Args:
            request: what to generate.
            source: source file, if the request has one.
            with_source: second file, for a blend.
            title: title in the queue; if empty, the one that the engine derives from the prompt.
            fits: files of the further loops that a part fits.
            on_made: called with the id of the best clip.
            selects: whether the list selects that clip.

        Returns the id of the job; empty if the request was not sent, and a notice says why.
        """
        job_id = self._sent(request, source, with_source, fits=fits)
        if not job_id:
            return ""
        self._notices.withdraw("generate")
        self._open_jobs.add(job_id, request, title=title)
        self._requested_at[job_id] = time.monotonic()
        if on_made is not None:
            self._on_made[job_id] = on_made
        if not selects:
            self._aside.add(job_id)
        return job_id

    def is_open(self, job_id: str) -> bool:
        """Return whether a job has not ended yet."""
        return any(row.id == job_id for row in self._open_jobs.rows)

    def make_example(self, prompt: str) -> None:
        """Generate one of the examples, as if it had been typed."""
        self._panel.fill(prompt)
        self.generate()

    def fill_from(self, recipe: Recipe) -> None:
        """Load a recipe into the prompt panel and the transport."""
        self._panel.fill_from(recipe.request, recipe.model.id)
        bars = recipe.grid.bars if recipe.grid.is_loop else self._transport.time.bars
        meter, key = str(recipe.grid.meter), recipe.key or ""
        self._transport.show_time(SessionTime(bpm=recipe.grid.bpm, meter=meter, key=key, bars=bars))
        self._panel.prompt.setFocus()

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        self._open_jobs.cancelling(job_id)
        self._engine.cancel(job_id)

    def restart_engine(self) -> None:
        """Restart the engine."""
        self._status.show_engine("Starting")
        self._engine.start()

    def on_event(self, event: protocol.Event) -> None:
        """Handle an engine event; jobs of other clients are shown only in the queue."""
        is_others = isinstance(event, protocol.JobEvent) and self._open_jobs.is_from_others(
            event.id
        )
        self._open_jobs.on_event(event)
        if is_others:
            return
        match event:
            case protocol.Ready():
                place = engine_elsewhere()
                where = "" if place is None else f" on {parse_place(place).host}"
                self._status.show_engine(f"Ready to make loops{where}", ready=True)
            case protocol.Understood() if event.id == self._worded:
                self._panel.chips.show_words(event.understood, event.ignored)
            case protocol.Done() if self.unwritten.is_saving(event.id):
                self.unwritten.on_done(event)
            case protocol.TakeReady() if not self.unwritten.is_saving(event.id):
                self._on_take(event)
            case protocol.Done():
                self._on_done(event)
            case protocol.Failed() if event.kept:
                self.unwritten.offer(event)
            case protocol.Failed():
                self._notices.error(event.message, detail=event.detail)
            case _:
                pass

    def on_engine_exit(self, ended: EngineExit) -> None:
        """Handle the end of an engine process."""
        if not ended.was_successful():
            self._status.show_engine("Engine stopped", failed=True)
            self._notices.error(str(ended), detail=ended.detail, topic="engine")

    def _sent(self, request: LoopRequest, *paths: Path | None, fits: Sequence[Path]) -> str:
        """Send a request and return the id of its job; empty if a notice says why not."""
        if self.project_problem:
            self._notices.error(self.project_problem, topic="project")
            return ""
        if not request.needs_no_model and not self.may_use(request.model):
            return ""
        try:
            return self._ask(request, *paths, fits=fits)
        except (LoopError, EngineDied) as error:
            self._notices.error(str(error), topic="generate")
            return ""

    def _ask(self, request: LoopRequest, *paths: Path | None, fits: Sequence[Path]) -> str:
        kit = self._panel.kit_field.path if request.model == SKETCH_ID else None
        return restarting(
            self._engine,
            lambda: self._engine.render(
                request, self._project, *paths, preview=True, create_project=False, fits=fits,
                kit=kit,
            ),
        )  # fmt: skip

    def _on_save(self, job_id: str) -> None:
        self._open_jobs.add(job_id, LoopRequest(), title="Saving takes")

    def _on_take(self, event: protocol.TakeReady) -> None:
        self._best.setdefault(event.id, event.clip.id)
        if event.id == self._asked:
            self._panel.show_seed(event.clip.recipe.asked_seed)

    def _on_done(self, event: protocol.Done) -> None:
        best, on_made = self._best.pop(event.id, None), self._on_made.pop(event.id, None)
        if event.id not in self._aside:
            self.made = best
        if on_made is not None and best is not None:
            on_made(best)
        requested_at = self._requested_at.pop(event.id, None)
        if requested_at is not None:
            takes = "1 take" if len(event.clips) == 1 else f"{len(event.clips)} takes"
            passed_s = time.monotonic() - requested_at
            self._status.last.setText(f"{takes} made in {passed_s:.1f} s")
