"""The job queue: the only owner of a job's state.

    queued ----> running ----> done
       |            |--------> failed
       |            '--------> cancelled
       '---------------------> cancelled

Each job ends in exactly one of the three states on the right, with exactly one terminal event.
The queue passes its events to the function that it was created with.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import PurePath

from engine.errors import DuplicateJob
from engine.loops.request import LoopRequest
from engine.protocol import (
    Analyse,
    Cancelled,
    Done,
    Download,
    Event,
    Failed,
    JobState,
    Queued,
    Render,
    Save,
    Terminal,
    Unload,
    WriteMidi,
)

REMEMBERED_JOBS = 1_000
"""How many finished jobs are remembered, so that their ids are not used again."""
_log = logging.getLogger(__name__)


_MOVES = {
    JobState.QUEUED: {JobState.RUNNING, JobState.CANCELLED},
    JobState.RUNNING: {JobState.DONE, JobState.FAILED, JobState.CANCELLED},
}
JobCommand = Render | Save | Analyse | WriteMidi | Download
_STATE_OF: dict[type[Terminal], JobState] = {
    Done: JobState.DONE,
    Failed: JobState.FAILED,
    Cancelled: JobState.CANCELLED,
}


class Job:
    """One render, save, analysis, MIDI file or download; only the queue changes its state."""

    def __init__(self, command: JobCommand) -> None:
        """Create the job of a command that is about to be queued."""
        self.id = command.id
        self.command = command
        self.state = JobState.QUEUED
        self.began_at_s: float | None = None
        """When it started running, by `time.monotonic`."""
        self.cancel_requested = False
        """Set once, never cleared; the thread that runs the job checks it at every step."""

    @property
    def request(self) -> LoopRequest:
        """The request of a render."""
        return self._render.request

    @property
    def project(self) -> str:
        """The folder to which a render or a save writes."""
        return self.command.project if isinstance(self.command, Save) else self._render.project

    @property
    def create_project(self) -> bool:
        """Whether to create the folder of a render if its last part is missing."""
        return self._render.create_project

    @property
    def source_paths(self) -> tuple[str, str]:
        """The files of a render's sources; empty for those that it lacks."""
        return self._render.source_path, self._render.with_path

    @property
    def fit_paths(self) -> tuple[str, ...]:
        """The files of the further loops that a render fits."""
        return self._render.fit_paths

    @property
    def kit_path(self) -> str:
        """The folder with the sounds that the drums of a render are played with, or empty."""
        return self._render.kit_path

    @property
    def only_take(self) -> int | None:
        """The only one of a render's takes to make, from 0; None for all."""
        return self._render.only_take

    @property
    def preview(self) -> bool:
        """Whether a render sends its first take while it is being rendered."""
        return self._render.preview

    @property
    def model(self) -> str:
        """The model that the job renders with or downloads; empty for the other jobs."""
        command = self.command
        if isinstance(command, Save | Analyse | WriteMidi):
            return ""
        return command.model if isinstance(command, Download) else command.request.model

    @property
    def outline(self) -> str:
        """A summary without prompts or file names."""
        command = self.command
        if isinstance(command, Download):
            return f"download of {command.model}"
        if isinstance(command, Save):
            return f"save of job {command.job[:40]}"
        if isinstance(command, Analyse):
            return "analysis of a file"
        if isinstance(command, WriteMidi):
            return "MIDI of a clip"
        request = command.request
        model = "in a folder" if PurePath(request.model).is_absolute() else request.model[:40]
        length = f"{request.bars} bars" if request.seconds is None else f"{request.seconds:g} s"
        mode = (request.mode or "render")[:20]
        return f"{mode}, model {model}, {length}, {request.bpm} bpm, {request.takes} takes"

    @property
    def private_texts(self) -> tuple[str, ...]:
        """The texts that the log of the job must not quote: prompts and paths."""
        if isinstance(self.command, Save):
            return (self.project,)
        if isinstance(self.command, Analyse):
            return (self.command.path,)
        if isinstance(self.command, WriteMidi):
            return self.command.path, self.command.folder
        request = self.request
        texts = (
            request.prompt, request.negative, request.toward, request.transcription, *request.also
        )  # fmt: skip
        return tuple(
            text
            for text in (*texts, *self.source_paths, *self.fit_paths, self.kit_path, self.project)
            if text
        )

    @property
    def _render(self) -> Render:
        if not isinstance(self.command, Render):
            raise TypeError(f"Job {self.id!r} is not a render.")
        return self.command


class JobQueue:
    """Jobs in order of arrival, one of which runs at a time. Safe to use from any thread."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        """Pass each event to `emit`, in order; it is called with the queue locked."""
        self._emit = emit
        self._jobs: dict[str, Job] = {}  # queued or running
        self._ended: dict[str, None] = {}  # the ids of the last that ended, in their order
        self._positions: dict[str, int] = {}
        self._changed = threading.Condition()
        self._unloads: list[Unload] = []
        self._closed = False

    @property
    def open_jobs(self) -> int:
        """How many jobs are queued or running."""
        with self._changed:
            return len(self._jobs)

    def knows(self, job_id: str) -> bool:
        """Return whether the id belongs to a queued, running or recently ended job."""
        with self._changed:
            return job_id in self._jobs or job_id in self._ended

    def add(self, command: JobCommand) -> None:
        """Queue a job.

        Raises:
            DuplicateJob: the id belongs to a queued, running or recently ended job.
        """
        with self._changed:
            if self.knows(command.id):
                raise DuplicateJob(command.id)
            self._jobs[command.id] = job = Job(command)
            _log.info("job %s queued: %s", job.id, job.outline)
            self._emit_positions()
            self._changed.notify_all()

    def start_next(self) -> Job | None:
        """Wait for a job, move it to running and return it; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_queued())
            return self._started()

    def next_work(self) -> Job | Unload | None:
        """Like `start_next`, but return pending `Unload` commands before the next job."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._unloads or self._has_queued())
            if self._unloads and not self._closed:
                return self._unloads.pop(0)
            return self._started()

    def request_unload(self, command: Unload) -> None:
        """Have the thread that runs the jobs unload its model when no job is running."""
        with self._changed:
            self._unloads.append(command)
            self._changed.notify_all()

    def cancel(self, job_id: str) -> None:
        """Cancel a queued job at once; request cancellation of a running one."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is not None:
                self._cancel(job)

    def finish(self, job: Job, event: Terminal) -> None:
        """End a running job with its terminal event."""
        with self._changed:
            self._move(job, _STATE_OF[type(event)], event)

    def close(self) -> None:
        """Cancel everything; `start_next` returns None from now on."""
        with self._changed:
            self._closed = True
            # Last first, so that no job gets an event for moving up.
            for job in reversed(list(self._jobs.values())):
                self._cancel(job)
            self._changed.notify_all()

    def _cancel(self, job: Job) -> None:
        job.cancel_requested = True
        _log.info("cancelling job %s, which is %s", job.id, job.state.value)
        if job.state is JobState.QUEUED:
            self._move(job, JobState.CANCELLED, Cancelled(job.id))

    def _move(self, job: Job, state: JobState, event: Terminal | None = None) -> None:
        """Change the state of a job; a terminal state needs its event."""
        if state not in _MOVES.get(job.state, ()):
            raise RuntimeError(f"Job {job.id!r} cannot go from {job.state.value} to {state.value}.")
        job.state = state
        now_s = time.monotonic()
        job.began_at_s = now_s if state is JobState.RUNNING else job.began_at_s or now_s
        _log.info("job %s %s, after %.2f s of work", job.id, state.value, now_s - job.began_at_s)
        if event is not None:
            self._forget(job)
            self._emit(event)
            self._emit_positions()

    def _has_queued(self) -> bool:
        return any(job.state is JobState.QUEUED for job in self._jobs.values())

    def _started(self) -> Job | None:
        """Start the first queued job and return it; None if the queue is closed."""
        for job in self._jobs.values():
            if job.state is JobState.QUEUED and not self._closed:
                self._move(job, JobState.RUNNING)
                return job
        return None

    def _emit_positions(self) -> None:
        for position, job in enumerate(self._jobs.values()):
            if job.state is JobState.QUEUED and self._positions.get(job.id) != position:
                self._positions[job.id] = position
                self._emit(Queued(job.id, position))

    def _forget(self, job: Job) -> None:
        """Forget a job that has ended, but not its id."""
        del self._jobs[job.id]
        self._positions.pop(job.id, None)
        self._ended[job.id] = None
        if len(self._ended) > REMEMBERED_JOBS:
            del self._ended[next(iter(self._ended))]
