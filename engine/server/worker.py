"""The worker: runs one job, from the request to the clips in the project folder.

    checked request -> model -> understanding -> takes -> craft -> ranked -> clips

Each prompt of a request takes these steps up to the ranking; the clips come prompt by prompt.
Everything up to the ranking is free of paths, and could run on another machine; `delivery.py` is
the only module that writes files. All takes are made before the first is written, and a job can be
cancelled until then, so a cancelled job leaves no clip.

What a loop from a prompt does not need is imported by the jobs that do: the first loop waits for
every import at the top of this module.
"""

import itertools
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from engine.craft.finish import FinishedTake, finish, rank
from engine.errors import EngineError, SettingNotInModel
from engine.generators.interface import (
    AdaptedGenerator,
    Generator,
    JobCancelled,
    Plan,
    ReportProgress,
    ScoreGenerator,
)
from engine.loops.adapters import adapters_named
from engine.loops.cancel import Check, unless_cancelled
from engine.loops.derive import check_has_score
from engine.loops.errors import LoopError, ProjectError
from engine.loops.key import parse_key
from engine.loops.midi import cut_parts
from engine.loops.project import Project
from engine.loops.recipe import ModelFacts, combined_licence
from engine.loops.request import HIGHEST_SEED, LoopRequest, checked_request
from engine.loops.source.analysis import Analysis
from engine.loops.take import Take, take_numbers, take_seed
from engine.loops.tempo import described_grid
from engine.models.entry import ModelEntry
from engine.models.memory import require_memory
from engine.models.store import ModelStore, ResolvedModel
from engine.protocol import (
    Analyse,
    Analysed,
    Cancelled,
    Done,
    Event,
    Loading,
    MidiWritten,
    Progress,
    Save,
    TakeReady,
    Terminal,
    Understood,
    Unload,
    Unloaded,
    WriteMidi,
)
from engine.server.delivery import ReadyTake, write_clip, write_midi
from engine.server.early_listening import early_preview
from engine.server.failure import failed_event
from engine.server.free_memory import return_free_memory
from engine.server.kept import KeptTakes
from engine.server.loaded_model import LoadedModel
from engine.server.own_adapters import adapters_for
from engine.server.own_kit import Kit, kit_for, played_with
from engine.server.queue import Job, JobQueue
from engine.server.room import audio_bytes, require_room
from engine.server.spool import spooled, spooled_bytes

if TYPE_CHECKING:
    from engine.server.rework import Rework

GENERATING_SHARE = 0.95
"""The share of a job's progress for generating; the rest is writing."""
ANALYSIS_SHARE = 0.2
"""The share of that for reading and analysing a source, if there is one."""
PROGRESS_INTERVAL_S = 0.05
_log = logging.getLogger(__name__)


class Worker:
    """Runs jobs one at a time. A job that fails does not affect the next."""

    def __init__(self, jobs: JobQueue, store: ModelStore, emit: Callable[[Event], None]) -> None:
        """Take jobs from `jobs` and models from `store`, and pass events to `emit`."""
        self._jobs = jobs
        self._store = store
        self._emit = emit
        self._model = LoadedModel(store)
        self._kept = KeptTakes()

    def run(self) -> None:
        """Run jobs until the queue is closed."""
        while (work := self._jobs.next_work()) is not None:
            if isinstance(work, Unload):
                self._model.unload()
                self._emit(Unloaded(work.id))
            else:
                outcome = self._outcome(work)
                return_free_memory()
                self._jobs.finish(work, outcome)

    def _outcome(self, job: Job) -> Terminal:
        try:
            return Done(job.id, self._run_job(job))
        except JobCancelled:
            return Cancelled(job.id)
        except BaseException as error:  # noqa: BLE001 - a library may raise SystemExit, too
            return failed_event(job, error)

    def _run_job(self, job: Job) -> tuple[str, ...]:
        if isinstance(job.command, Save):
            return self._save(job, job.command)
        if isinstance(job.command, Analyse):
            return self._analyse(job, job.command)
        if isinstance(job.command, WriteMidi):
            return self._write_midi(job, job.command)
        return self._render(job)

    def _render(self, job: Job) -> tuple[str, ...]:
        request = checked_request(job.request)
        _log.debug("job %s: %s, for %s", job.id, request, job.project)
        project = Project.open(_absolute(job.project), create=job.create_project)
        reporter = _Reporter(job, self._emit)
        rework = None
        if request.mode is not None and request.guide is None:
            from engine.server.rework import Rework

            analysis, reporter = reporter.span(0.0, ANALYSIS_SHARE), reporter.span(ANALYSIS_SHARE)
            read = partial(Rework, _seeded(request), *job.source_paths, analysis, job.fit_paths)
            rework = unless_cancelled(read, analysis.check)
            request = rework.request
            if request.needs_no_model:
                return self._run_rework(job, project, rework, reporter)
        model = self._store.find(request.model, lambda _: reporter.check())
        _check_able(request, model.entry)
        generator = self._generator(job, model, request, reporter.check)
        reporter.check()  # Loading may have taken long.
        if rework is not None:
            request = rework.guided(generator, reporter.check)
        lineage = () if rework is None else rework.lineage
        # By its id, since a recipe holds no path of the machine that made the clip.
        requests = _one_by_one(msgspec.structs.replace(_seeded(request), model=model.entry.id))
        kit = kit_for(generator, requests, lineage, job.kit_path, reporter.check)
        requests = [msgspec.structs.replace(each, kit=kit.recorded) for each in requests]
        numbers = take_numbers(request.takes, job.only_take)
        plans = self._plans(job, model, generator, requests, rework)
        require_room(project.folder, requests, plans, model.entry.channels)
        with early_preview(job, project, generator, self._emit), played_with(generator, kit):
            takes = _ranked_takes(
                project, model, generator, requests, plans, rework, reporter, numbers
            )
        reporter.check()
        facts = generator.facts if rework is None else rework.facts(generator.facts)
        ready = _all_ready(job, requests, plans, _with_own(facts, kit, request), takes, rework)
        takes.clear()  # Each take is freed as soon as it has been written.
        return self._deliver(job, project, ready)

    def _plans(
        self,
        job: Job,
        model: ResolvedModel,
        generator: Generator,
        requests: list[LoopRequest],
        rework: "Rework | None",
    ) -> list[Plan]:
        """Plan every request before the first take is made, and emit the plans."""
        plans = [generator.plan(each) for each in requests]
        if rework is not None:
            plans = [rework.described(plan) for plan in plans]
        plans = [_with_time(plan) for plan in plans]
        for plan in plans:
            if model.checkpoint is not None:
                length_s = float(plan.grid.length_s)
                require_memory(model.entry.id, 0, length_s, 1, work=model.entry.work)
            _log.debug("job %s is understood as %s", job.id, plan)
            self._emit(_understood_event(job, plan))
        return plans

    def _run_rework(
        self, job: Job, project: Project, rework: "Rework", reporter: "_Reporter"
    ) -> tuple[str, ...]:
        """Make and write a take that needs no model."""
        plan = _with_time(rework.plan())
        self._emit(_understood_event(job, plan))
        require_room(project.folder, [rework.request], [plan], rework.channels)
        take = unless_cancelled(partial(rework.finished, plan, reporter), reporter.check)
        reporter.check()
        ready = _ready(job, rework.request, plan, rework.facts(), [take], rework.made_from)
        return self._deliver(job, project, ready)

    def _deliver(self, job: Job, project: Project, takes: list[ReadyTake]) -> tuple[str, ...]:
        """Write the takes as clips, best first, and empty the list; return the clips' ids.

        Raises:
            TakesNotWritten: some could not be written; these are kept.
        """
        clips = []
        while takes:
            try:
                clip = write_clip(project, takes[0])
            except (ProjectError, OSError) as error:
                raise self._kept.keep(job.id, takes, error) from error
            self._emit(TakeReady(job.id, takes.pop(0).position, clip))
            _log.info("job %s: clip %s has %d frames", job.id, clip.id, clip.frames)
            clips.append(clip.id)
        return tuple(clips)

    def _analyse(self, job: Job, command: Analyse) -> tuple[str, ...]:
        """Analyse a file, which makes no clip."""
        from engine.craft.analysis import analyse
        from engine.server.source_file import read_source

        path, report = Path(command.path), _Reporter(job, self._emit, share=1.0)
        stated = command.stated.checked()

        def analysed() -> Analysis:
            file, known = read_source(path, stated, lambda: report(0.0, "reading the file"))
            recipe = file.facts.recipe
            return analyse(file.audio, file.rate, path.name, known, recipe, report.span(0.1))

        self._emit(Analysed(job.id, unless_cancelled(analysed, report.check)))
        return ()

    def _write_midi(self, job: Job, command: WriteMidi) -> tuple[str, ...]:
        """Write the notes of a clip, which are composed again from its recipe."""
        from engine.loops.file_facts import read_recipe

        report, clip = _Reporter(job, self._emit), Path(command.path)
        report(0.0, "composing")
        recipe = read_recipe(clip)
        check_has_score(recipe)
        whole = recipe.unedited
        lineage = tuple(checked_request(each) for each in whole.lineage)
        model = self._store.find(recipe.model.id)
        generator = self._generator(job, model, recipe.request, report.check)
        parts = cast("ScoreGenerator", generator).notes(lineage, whole.grid)
        parts = cut_parts(parts, whole.grid, recipe.edits)
        report.check()
        project = Project.open(_absolute(command.folder))
        self._emit(MidiWritten(job.id, str(write_midi(project, clip, recipe, parts))))
        return ()

    def _save(self, job: Job, save: Save) -> tuple[str, ...]:
        """Write the takes that a failed job kept into another folder."""
        takes = self._kept.of(save.job)
        try:
            project = Project.open(_absolute(save.project))
        except ProjectError as error:
            raise self._kept.keep(job.id, takes, error) from error
        clips = self._deliver(job, project, takes)
        self._kept.forget(save.job)
        return clips

    def _generator(
        self, job: Job, model: ResolvedModel, request: LoopRequest, check: Check
    ) -> Generator:

        def loading() -> None:
            if model.entry.size_bytes:
                self._emit(Progress(job.id, 0.0, f"loading {model.entry.name}"))
                self._emit(Loading(job.id, model.entry.id))

        adapters = adapters_for(request.adapters, self._store.root / "adapters")
        generator: Generator = self._model.generator(model, _rough_seconds(request), loading, check)
        if isinstance(generator, AdaptedGenerator):
            generator.adapters = adapters
        return generator


class _Reporter:
    """Turns a generator's reports into events, rate-limited, and ends a cancelled job."""

    def __init__(
        self,
        job: Job,
        emit: Callable[[Event], None],
        begin: float = 0.0,
        share: float = GENERATING_SHARE,
    ) -> None:
        self._job = job
        self._emit = emit
        self._begin, self._share = begin, share
        self._fraction = begin
        self._stage = ""
        self._reported_at = -PROGRESS_INTERVAL_S

    def check(self) -> None:
        if self._job.cancel_requested:
            raise JobCancelled

    def span(self, begin: float, end: float = 1.0) -> "_Reporter":
        """Return a reporter that fills the progress from one share of it to another."""
        share = (end - begin) * self._share
        return _Reporter(self._job, self._emit, self._begin + begin * self._share, share)

    def part(self, number: int, parts: int) -> "_Reporter":
        """Return a reporter that fills one of several equal parts of the progress."""
        return self.span(number / parts, (number + 1) / parts)

    def __call__(self, fraction: float, stage: str) -> None:
        self.check()
        reached = self._begin + min(max(fraction, 0.0), 1.0) * self._share
        self._fraction = max(self._fraction, reached)  # Also handles NaN.
        now = time.monotonic()
        if stage != self._stage or now - self._reported_at >= PROGRESS_INTERVAL_S:
            self._stage, self._reported_at = stage, now
            self._emit(Progress(self._job.id, self._fraction, stage))


def _all_ready(
    job: Job,
    requests: list[LoopRequest],
    plans: list[Plan],
    facts: ModelFacts,
    takes: list[list[FinishedTake]],
    rework: "Rework | None",
) -> list[ReadyTake]:
    made_from = () if rework is None else rework.made_from
    ready = [
        _ready(job, each, plan, facts, best, made_from)
        for each, plan, best in zip(requests, plans, takes, strict=True)
    ]
    return list(itertools.chain.from_iterable(ready))


def _with_own(facts: ModelFacts, kit: Kit, request: LoopRequest) -> ModelFacts:
    """Return the facts of a model that plays with a person's own sounds or adapters."""
    others = [kit.licence] if kit.licence else []
    if request.adapters:
        others += [
            f"that of the adapter {each.name!r}" for each in adapters_named(request.adapters)
        ]
    return msgspec.structs.replace(facts, licence=combined_licence([facts], others))


def _ready(
    job: Job,
    request: LoopRequest,
    plan: Plan,
    model: ModelFacts,
    ranked: list[FinishedTake],
    made_from: tuple[LoopRequest, ...],
) -> list[ReadyTake]:
    return [
        ReadyTake(
            job_id=job.id, request=request, plan=plan, model=model, take=take, position=position,
            made_from=made_from,
        )
        for position, take in enumerate(ranked, start=1)
    ]  # fmt: skip


def _rough_seconds(request: LoopRequest) -> float:
    """Return about how long a take will be, before the model has read the prompt."""
    if request.seconds is not None:
        return request.seconds
    return (request.bars or 4) * 4 * 60 / (request.bpm or 120.0)


def _absolute(folder: str) -> Path:
    path = Path(folder)
    if not path.is_absolute():
        raise LoopError(
            f"The project folder {folder[:200]!r} is not absolute: the engine has a working "
            "folder of its own, so give the whole path."
        )
    return path


def _check_able(request: LoopRequest, model: ModelEntry) -> None:
    """Check that a model supports a request before it is loaded."""
    known = {setting.name for setting in model.settings}
    for setting in request.set_model_settings:
        if setting not in known:
            raise SettingNotInModel(setting, model.id)
    if request.mode is not None:
        from engine.server.rework import check_mode

        check_mode(request.mode, model.id, model.modes)


def _with_time(plan: Plan) -> Plan:
    """Return a plan whose `understood` ends with key, tempo, meter and length, each once."""
    key = () if plan.key is None else (plan.key,)
    phrases = (*plan.understood, *key, *described_grid(plan.grid))
    once = {phrase.lower(): phrase for phrase in reversed(phrases)}
    return msgspec.structs.replace(plan, understood=tuple(reversed(once.values())))


def _understood_event(job: Job, plan: Plan) -> Understood:
    return Understood(
        job.id,
        grid=plan.grid,
        frames=plan.grid.frames,
        title=plan.title,
        key=plan.key,
        role=plan.role,
        understood=plan.understood,
        ignored=plan.ignored,
    )


def _seeded(request: LoopRequest) -> LoopRequest:
    if request.seed is not None:
        return request
    return msgspec.structs.replace(request, seed=secrets.randbelow(HIGHEST_SEED + 1))


def _one_by_one(request: LoopRequest) -> list[LoopRequest]:
    """Return a request for each prompt and part, as if each were the only one with this seed."""
    prompts = (request.prompt, *request.also)
    parts: list[tuple[str, ...]] = [(part,) for part in request.parts] or [()]
    return [
        msgspec.structs.replace(request, prompt=prompt, also=(), parts=part)
        for prompt in prompts
        for part in parts
    ]


def _ranked_takes(
    project: Project,
    model: ResolvedModel,
    generator: Generator,
    requests: list[LoopRequest],
    plans: list[Plan],
    rework: "Rework | None",
    reporter: _Reporter,
    numbers: list[int],
) -> list[list[FinishedTake]]:
    """Make the takes; return those of each request, best first. Many long ones go to the disk."""
    spool = spooled_bytes(audio_bytes(requests, plans, model.entry.channels)) > 0

    def ranked(takes: Iterator[FinishedTake]) -> list[FinishedTake]:
        return rank(spooled(take, project.folder) if spool else take for take in takes)

    if rework is not None:
        return [ranked(rework.takes(generator, plans[0], reporter, numbers, reporter.check))]
    return [
        ranked(
            _finished_takes(generator, each, plan, reporter.part(number, len(requests)), numbers)
        )
        for number, (each, plan) in enumerate(zip(requests, plans, strict=True))
    ]


def _finished_takes(
    generator: Generator,
    request: LoopRequest,
    plan: Plan,
    reporter: _Reporter,
    numbers: list[int],
) -> Iterator[FinishedTake]:
    """Yield the takes as they are made; the job can be cancelled between any two."""
    seeds = [take_seed(request.seed or 0, number) for number in numbers]
    made = 0
    report: ReportProgress = reporter
    takes: Iterator[Take] = generator.generate(request, plan.grid, seeds, report)
    for made, take in enumerate(takes, start=1):
        reporter.check()
        key, check = parse_key(plan.key), reporter.check
        yield unless_cancelled(
            partial(finish, take, numbers[made - 1], plan.grid, key, check), check
        )
    if made != len(seeds):
        raise EngineError(
            f"Model {generator.facts.id!r} made {made} takes of {len(seeds)}: "
            "report this as a bug of the model."
        )
