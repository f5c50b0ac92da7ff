"""The front end's side of the engine: sends requests and receives events.

`engine.client.supervision` keeps the process running.
"""

import os
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from engine.client.child import Limits
from engine.client.engine_exit import EngineExit
from engine.client.supervision import Request, Supervision
from engine.entry_points import engine_command
from engine.errors import EngineDied
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request
from engine.loops.source.facts import NOTHING_STATED, StatedFacts
from engine.protocol import (
    LONGEST_LINE_BYTES,
    Analyse,
    Diagnose,
    Download,
    Event,
    ListModels,
    Ping,
    Render,
    Save,
    Unload,
    WriteMidi,
    encode,
)


class EngineClient:
    """Runs an engine process and talks to it. Any thread may call its methods.

    The client calls `on_event` on its own thread, one event at a time; `on_event` may call any
    method. Each request gets exactly one reply. A job ends in `Done`, `Failed` or `Cancelled`, any
    other request in its own reply. If no engine can be kept running, the reply is `Failed` with
    code 503; on `close` it is `Cancelled`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        on_exit: Callable[[EngineExit], None] | None = None,
        command: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Prepare the client without starting an engine.

        Args:
            on_event: called with each event of the engine, and with failures the client finds.
            on_exit: called each time an engine process has exited.
            command: the command that starts the engine; the default one if None.
            limits: the time limits.
        """
        self._on_event = on_event
        self._on_exit = on_exit or _ignore
        self._is_given = command is not None
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
        """Start the engine and return at once; do nothing if one is running."""
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
        create_project: bool = True,
        fits: Sequence[Path] = (),
        kit: Path | None = None,
    ) -> str:
        """Render the takes of a request as clips in a project folder, and return the job's id.

        `source` and `with_source` are the files of the request's sources, if it has any. `preview`
        requests `Preview` events with the first take's audio while it is rendered, if the model
        can do that. `create_project` creates the folder if its last part is missing. `fits` are the
        files of the further loops that the request fits, and `kit` the folder with the sounds that
        its drums are played with.

        Raises:
            LoopError: no model could render the request.
            EngineDied: no engine is running; see `start`.
        """
        folder = os.path.abspath(project.expanduser())
        first, second = (
            "" if path is None else os.path.abspath(path) for path in (source, with_source)
        )
        checked = checked_request(request)
        return self._send(
            Render(
                _new_id(), checked, folder, first, second, preview, create_project,
                fit_paths=tuple(os.path.abspath(path) for path in fits),
                kit_path="" if kit is None else os.path.abspath(kit),
            )
        )  # fmt: skip

    def pass_on(self, command: Render) -> str:
        """Send a render that a front end elsewhere has put together, and return the job's id here.

        Raises:
            LoopError: no model could render the request.
            EngineDied: no engine is running; see `start`.
        """
        checked = checked_request(command.request)
        return self._send(msgspec.structs.replace(command, id=_new_id(), request=checked))

    def save(self, job_id: str, project: Path) -> str:
        """Write the takes that a failed job kept into another folder, and return the new job's id.

        Raises:
            EngineDied: no engine is running; see `start`.
        """
        folder = os.path.abspath(project.expanduser())
        return self._send(Save(_new_id(), job_id, folder))

    def analyse(self, path: Path, stated: StatedFacts = NOTHING_STATED) -> str:
        """Analyse an audio file as a source, and return the job's id; its result is `Analysed`.

        `stated` is what a person states about the file.

        Raises:
            EngineDied: no engine is running; see `start`.
        """
        return self._send(Analyse(_new_id(), os.path.abspath(path), stated))

    def write_midi(self, clip: Path, folder: Path) -> str:
        """Write the notes of a clip as a MIDI file into a folder, and return the job's id.

        Its result is `MidiWritten`.

        Raises:
            EngineDied: no engine is running; see `start`.
        """
        return self._send(WriteMidi(_new_id(), os.path.abspath(clip), os.path.abspath(folder)))

    def download(self, model_id: str) -> str:
        """Download a model of the catalogue, and return the job's id.

        Show licence and size first: this method asks for no confirmation.

        Raises:
            EngineDied: no engine is running; see `start`.
        """
        return self._send(Download(_new_id(), model_id))

    def cancel(self, job_id: str) -> None:
        """Cancel a queued or running job; do nothing if it has ended."""
        if self._supervision is not None:
            self._supervision.cancel(job_id)

    def ping(self) -> str:
        """Request a `Pong`, and return its id."""
        return self._send(Ping(_new_id()))

    def list_models(self) -> str:
        """Request the `Models` of the catalogue, and return the reply's id."""
        return self._send(ListModels(_new_id()))

    def diagnose(self) -> str:
        """Request a `Diagnosis` of the engine's versions and devices, and return its id."""
        return self._send(Diagnose(_new_id()))

    def unload(self) -> str:
        """Have the engine free the memory of its model after the running job.

        Returns the id of the reply, `Unloaded`.
        """
        return self._send(Unload(_new_id()))

    def restart(self) -> None:
        """End the engine, which cancels its jobs, and start one where it shall run now.

        This waits until the old engine has ended; the new one starts as with `start`.
        """
        self.close()
        if not self._is_given:
            self._command = engine_command()
        self.start()

    def close(self) -> None:
        """Stop the engine: ask, then terminate, then kill, each with its time limit.

        Requests without a reply end in `Cancelled`. Returns when the engine has exited, or at once
        if called from a callback.
        """
        if self._supervision is not None:
            self._supervision.close()

    def _send(self, request: Request) -> str:
        if self._supervision is None:
            raise EngineDied("The engine was never started: start it first.")
        self._supervision.send(request, _line(request))
        return request.id


def _ignore(_: EngineExit) -> None:
    """Ignore the exit of an engine."""


def _new_id() -> str:
    return secrets.token_hex(8)


def _line(request: Request) -> bytes:
    try:
        line = encode(request)
    except UnicodeEncodeError as error:
        raise LoopError(
            f"{error.object[:80]!r} contains bytes that are not text: use another name."
        ) from error
    except OverflowError as error:
        raise LoopError("A number in the request is too large: use a smaller one.") from error
    if len(line) > LONGEST_LINE_BYTES:
        raise LoopError(f"The request has {len(line):,} bytes: shorten it.")
    return line
