"""The front end's side of the engine: sends requests and receives events.

`engine.client.supervision` keeps the process running.
"""

import os
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from engine.client.child import Limits
from engine.client.engine_exit import EngineExit
from engine.client.supervision import Question, Supervision
from engine.entry_points import engine_command
from engine.errors import EngineDied
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request
from engine.protocol import (
    LONGEST_LINE_BYTES,
    Diagnose,
    Download,
    Event,
    ListModels,
    Ping,
    Render,
    Unload,
    encode,
)


class EngineClient:
    """Runs an engine process and speaks with it. Its methods may be called from any thread.

    Events are told on a thread of the client's own, one after the other; `on_event` may call any
    method. Each question gets exactly one answer: a job ends in `Done`, `Failed` or `Cancelled`,
    the others in their answer, or, where no engine can be kept running, in `Failed` with code
    503, and on `close` in `Cancelled`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        on_exit: Callable[[EngineExit], None] | None = None,
        command: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            on_event: told each event of the engine, and the failures that the client finds.
            on_exit: told each time an engine process has ended.
            command: how the engine is started; the usual way if None.
            limits: how patient to be.
        """
        self._on_event = on_event
        self._on_exit = on_exit or _ignore
        self._command = engine_command() if command is None else list(command)
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._supervision: Supervision | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the engine; returns at once. Does nothing while there is one."""
        with self._lock:
            previous = self._supervision
            if previous is not None and previous.open:
                return
            self._supervision = Supervision(
                self._command, self._limits, self._on_event, self._on_exit
            )
            self._supervision.start(previous)

    def render(
        self,
        request: LoopRequest,
        project: Path,
        source: Path | None = None,
        with_source: Path | None = None,
        *,
        preview: bool = False,
    ) -> str:
        """Ask for the takes of a request as clips in a project folder; returns the job's id.

        `source` and `with_source` are the files of the request's sources, if it has any; `preview`
        asks to be told of the first take's sound while it is made, where the model can.

        Raises:
            LoopError: the request cannot be met, whatever the model.
            EngineDied: no engine is running; see `start`.
        """
        folder = os.path.abspath(project.expanduser())
        first, second = (
            "" if path is None else os.path.abspath(path) for path in (source, with_source)
        )
        asked = checked_request(request)
        return self._ask(Render(_new_id(), asked, folder, first, second, preview))

    def download(self, model_id: str) -> str:
        """Bring a model of the catalogue to this machine; returns the job's id.

        Licence and size are to be shown before: nothing is asked.

        Raises:
            EngineDied: no engine is running; see `start`.
        """
        return self._ask(Download(_new_id(), model_id))

    def cancel(self, job_id: str) -> None:
        """End a job, queued or running; one that has ended is left alone."""
        if self._supervision is not None:
            self._supervision.cancel(job_id)

    def ping(self) -> str:
        """Ask for a `Pong`; returns its id."""
        return self._ask(Ping(_new_id()))

    def list_models(self) -> str:
        """Ask for the `Models` of the catalogue; returns the answer's id."""
        return self._ask(ListModels(_new_id()))

    def diagnose(self) -> str:
        """Ask for a `Diagnosis` of what the engine can compute with; returns its id."""
        return self._ask(Diagnose(_new_id()))

    def unload(self) -> str:
        """Ask the engine to give the memory of its model back, after the running job.

        Returns the id of the answer, `Unloaded`.
        """
        return self._ask(Unload(_new_id()))

    def close(self) -> None:
        """End the engine: ask, then terminate, then kill, each with its limit.

        What has no answer yet ends in `Cancelled`. Returns when the engine is gone, or at once
        when called from a callback.
        """
        if self._supervision is not None:
            self._supervision.close()

    def _ask(self, question: Question) -> str:
        if self._supervision is None:
            raise EngineDied("The engine was never started: start it first.")
        self._supervision.ask(question, _line(question))
        return question.id


def _ignore(_: EngineExit) -> None:
    """Take no notice of the end of an engine."""


def _new_id() -> str:
    return secrets.token_hex(8)


def _line(question: Question) -> bytes:
    try:
        line = encode(question)
    except UnicodeEncodeError as error:
        raise LoopError(
            f"{error.object[:80]!r} holds bytes that are no text: use another name."
        ) from error
    except OverflowError as error:
        raise LoopError("A number of the request is too large: use a smaller one.") from error
    if len(line) > LONGEST_LINE_BYTES:
        raise LoopError(f"The request has {len(line):,} bytes: shorten it.")
    return line
