"""The jobs that clients request over OSC, and the messages about them.

The engine owns a job's state; the handlers keep the last one that it reported.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import msgspec

from bridge.osc.clients import Endpoint
from bridge.osc.errors import (
    BAD_ARGUMENTS,
    CANCELLED,
    ENGINE_FAILED,
    NOT_THERE,
    UNKNOWN,
    RequestFailed,
    shown,
)
from bridge.osc.messages import Argument
from bridge.osc.projects import Projects
from bridge.osc.records import MOST_STORED, Record, Records
from bridge.osc.requests import (
    FindClip,
    ModesByModel,
    SourcedRequest,
    blend_request,
    generate_request,
    make_request,
    stems_request,
    vary_request,
)
from bridge.osc.sender import Call, MessageSender
from bridge.osc.session import Session
from engine import protocol
from engine.client import Engine, restarting
from engine.errors import EngineDied
from engine.loops.clip import Clip
from engine.loops.derive import check_has_score
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request
from engine.loops.source.analysis import Analysis, detected_object, source_object
from engine.models.catalogue import built_in_catalogue
from engine.models.store import ModelStore
from engine.protocol import JobState

_log = logging.getLogger(__name__)

MidiHandler = Callable[[Record, Path], None]
"""Goes on with a request whose MIDI file has been written, or ends it."""


class _Job:
    """A job as the OSC side knows it; `engine_id` is its name in the engine."""

    def __init__(self, record: Record, engine_id: str) -> None:
        self.record = record
        self.engine_id = engine_id
        self.state: JobState = JobState.QUEUED
        self.fraction = 0.0
        self.best: Clip | None = None
        self.midi: Path | None = None
        """The MIDI file, once it is written."""
        self.on_midi: MidiHandler | None = None
        self.analysis: Analysis | None = None


class JobHandlers:
    """Carries out `/lw/generate`, `/lw/make`, `/lw/vary`, `/lw/blend`, `/lw/stems`, `/lw/midi`.

    It also carries out `/lw/inspect`, cancels jobs, and answers `/lw/job`.
    """

    def __init__(
        self,
        engine: Engine,
        projects: Projects,
        session: Session,
        outgoing: MessageSender,
        records: Records,
        on_begun: Callable[[str, LoopRequest, Endpoint], None],
    ) -> None:
        """Prepare; `on_begun` gets the engine's id, the request and the client of each new job."""
        self._engine = engine
        self._projects = projects
        self._session = session
        self._outgoing = outgoing
        self._records = records
        self._on_begun = on_begun
        self._by_id: OrderedDict[str, _Job] = OrderedDict()
        self._by_engine_id: dict[str, _Job] = {}

    @property
    def unfinished(self) -> int:
        """How many jobs are queued or running."""
        return len(self._by_engine_id)

    def generate(self, call: Call) -> None:
        """Begin a job from a prompt and a few numbers."""
        self._begin(call, lambda: generate_request(call.arguments, self._session))

    def make(self, call: Call) -> None:
        """Begin a job from a request in JSON."""
        text = call.arguments["json"]
        self._begin(call, lambda: make_request(text, self._session, *self._clips_and_modes()))

    def vary(self, call: Call) -> None:
        """Begin a job that varies a clip."""
        arguments = call.arguments
        self._begin(call, lambda: vary_request(arguments, self._session, *self._clips_and_modes()))

    def blend(self, call: Call) -> None:
        """Begin a job that blends two clips."""
        arguments = call.arguments
        self._begin(call, lambda: blend_request(arguments, self._session, *self._clips_and_modes()))

    def stems(self, call: Call) -> None:
        """Begin a job that makes the parts of a clip."""
        arguments = call.arguments
        self._begin(call, lambda: stems_request(arguments, self._session, *self._clips_and_modes()))

    def midi(
        self,
        call: Call,
        check: Callable[[], object] = lambda: None,
        then: MidiHandler | None = None,
    ) -> None:
        """Begin a job that writes the notes of a clip as a MIDI file beside it.

        `check` may refuse the request; `then` gets the file, and ends the request.
        """

        def write() -> str:
            check()
            return self._write_midi(call.arguments["clip"])

        engine_id = self._start(call, write)
        if engine_id is not None:
            self._by_engine_id[engine_id].on_midi = then

    def inspect(self, call: Call) -> None:
        """Begin a job that analyses a clip, or an audio file of the project."""
        sound = call.arguments["sound"]
        self._start(call, lambda: self._engine.analyse(self._projects.sound(sound)))

    def cancel(self, call: Call) -> None:
        """Cancel a job; its last message follows when the engine has ended it."""
        job = self._known(call.id)
        self._engine.cancel(job.engine_id)
        self._outgoing.done(call)

    def send_state(self, call: Call) -> None:
        """Reply with the state and progress of a job."""
        job = self._known(call.id)
        self._outgoing.reply(call.sender, "/lw/job", call.id, job.state.value, job.fraction)

    def on_event(self, event: protocol.Event) -> None:
        """Send the engine's events about these jobs to their clients."""
        if not isinstance(event, protocol.JobEvent):
            return
        job = self._by_engine_id.get(event.id)
        if job is None:
            return
        match event:
            case protocol.Queued():
                job.state, job.fraction = JobState.QUEUED, 0.0
                self._records.update(job.record, "/lw/accepted", event.position)
            case protocol.Understood():
                job.state = JobState.RUNNING
            case protocol.Progress():
                job.state, job.fraction = JobState.RUNNING, event.fraction
                self._records.update(job.record, "/lw/progress", float(event.fraction), event.stage)
            case protocol.TakeReady():
                self._on_take(job, event)
            case protocol.MidiWritten():
                job.midi = Path(event.path)
            case protocol.Analysed():
                job.analysis = event.analysis
            case protocol.Done() | protocol.Failed() | protocol.Cancelled():
                self._on_end(job, event)

    def _begin(self, call: Call, read: Callable[[], SourcedRequest]) -> None:
        """Begin a job that renders a request."""
        made: list[LoopRequest] = []

        def render() -> str:
            sourced = _checked(read())
            made.append(sourced.request)
            return self._render(sourced)

        engine_id = self._start(call, render)
        if engine_id is not None:
            self._on_begun(engine_id, made[0], call.sender)

    def _start(self, call: Call, send: Callable[[], str]) -> str | None:
        """Begin the job that `send` sends; return its id there, or None for a repeated request."""
        record = self._records.begin(call)
        if record is None:
            return None
        try:
            engine_id = self._sent(send)
        except RequestFailed as failed:
            _log.info("%s is refused with code %d", call.address, failed.code)
            self._records.drop(record)
            raise
        _log.info("%s of %s begins job %s", call.address, call.sender, engine_id)
        job = self._by_id[call.id] = self._by_engine_id[engine_id] = _Job(record, engine_id)
        self._by_id.move_to_end(job.record.id)
        while len(self._by_id) > MOST_STORED + self.unfinished:
            self._by_id.popitem(last=False)
        return engine_id

    def _sent(self, send: Callable[[], str]) -> str:
        try:
            return restarting(self._engine, send)
        except EngineDied as error:
            raise RequestFailed(NOT_THERE, str(error)) from error
        except LoopError as error:
            raise RequestFailed(BAD_ARGUMENTS, str(error)) from error

    def _clips_and_modes(self) -> tuple[FindClip, ModesByModel]:
        """Return what derived jobs need: the project's clips, and what each model can do."""
        return self._projects.clip, ModelStore(built_in_catalogue()).modes()

    def _render(self, sourced: SourcedRequest) -> str:
        request, source, other, fits, kit = sourced
        return self._engine.render(
            request, self._projects.folder, source, other,
            create_project=self._projects.may_create(), fits=fits, kit=kit,
        )  # fmt: skip

    def _write_midi(self, clip_id: str) -> str:
        clip = self._projects.clip(clip_id)
        check_has_score(clip.recipe)
        return self._engine.write_midi(Path(clip.path), self._projects.folder)

    def _known(self, job_id: str) -> _Job:
        job = self._by_id.get(job_id)
        if job is None:
            raise RequestFailed(UNKNOWN, f"No job has the id {shown(job_id)}: nothing was done.")
        return job

    def _on_take(self, job: _Job, event: protocol.TakeReady) -> None:
        clip = event.clip
        if job.best is None:
            job.best = clip
        recipe = clip.recipe
        score = float(recipe.scores.judged or 0.0)
        badges = ", ".join(recipe.badges)
        self._records.update(job.record, "/lw/take", event.rank, clip.id, clip.file, score, badges)
        if "/" not in clip.file:  # rejected clips are in a subfolder
            self._outgoing.push("/lw/clip/ready", *described_clip(clip))

    def _on_end(self, job: _Job, event: protocol.Terminal) -> None:
        del self._by_engine_id[job.engine_id]
        _log.info("job %s ends: %s", job.engine_id, type(event).__name__)
        match event:
            case protocol.Done() if job.best is not None:
                job.state, job.fraction = JobState.DONE, 1.0
                self._records.done(job.record, *_described_result(job.best))
            case protocol.Done() if job.midi is not None:
                job.state, job.fraction = JobState.DONE, 1.0
                if job.on_midi is None:
                    self._records.done(job.record, job.midi.name)
                else:
                    job.on_midi(job.record, job.midi)
            case protocol.Done() if job.analysis is not None:
                job.state, job.fraction = JobState.DONE, 1.0
                self._records.done(job.record, _described_analysis(job.analysis))
            case protocol.Done():
                job.state = JobState.FAILED
                self._records.fail(job.record, ENGINE_FAILED, "The engine made no take: try again.")
            case protocol.Cancelled():
                job.state = JobState.CANCELLED
                self._records.fail(job.record, CANCELLED, "cancelled")
            case protocol.Failed():
                job.state = JobState.FAILED
                self._records.fail(job.record, event.code, event.message)


def _checked(sourced: SourcedRequest) -> SourcedRequest:
    try:
        return sourced._replace(request=checked_request(sourced.request))
    except LoopError as error:
        raise RequestFailed(BAD_ARGUMENTS, str(error)) from error


def described_clip(clip: Clip) -> list[Argument]:
    """Return the arguments of `/lw/clip/ready` and `/lw/clip`; `bars` is 0 for a one-shot."""
    grid = clip.recipe.grid
    return [
        clip.id, clip.file, float(grid.bpm), grid.bars if grid.is_loop else 0,
        grid.meter.numerator, grid.meter.denominator, clip.recipe.key or "", clip.frames, grid.rate,
    ]  # fmt: skip


def _described_result(clip: Clip) -> list[Argument]:
    grid = clip.recipe.grid
    bars = grid.bars if grid.is_loop else 0
    quarters = float(grid.quarters)
    return [clip.id, clip.file, float(grid.bpm), bars, quarters, clip.frames, grid.rate]


def _described_analysis(analysis: Analysis) -> str:
    """Return an analysis as JSON, in the words of `loopwright inspect --json`."""
    described = {
        "source": None if analysis.source is None else source_object(analysis.source),
        "detected": detected_object(analysis.detected),
        "problems": [analysis.problem] if analysis.problem else [],
    }
    return msgspec.json.encode(described).decode()
