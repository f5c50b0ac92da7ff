"""The engine's interface for front ends, and how to call an engine that has stopped."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from engine.errors import EngineDied
from engine.loops.request import LoopRequest
from engine.loops.source.facts import NOTHING_STATED, StatedFacts


class Engine(Protocol):
    """What front ends call; `engine.client.EngineClient` implements it."""

    def start(self) -> None:
        """Start the engine unless it is running, and return at once."""

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
        """Render the takes of a request from its sources, and return the job's id.

        Raises:
            LoopError: no model could render the request.
            EngineDied: no engine is running.
        """

    def save(self, job_id: str, project: Path) -> str:
        """Write the takes that a failed job kept into another folder, and return the new job's id.

        Raises:
            EngineDied: no engine is running.
        """

    def analyse(self, path: Path, stated: StatedFacts = NOTHING_STATED) -> str:
        """Analyse a file as a source, with what a person states about it, and return the job's id.

        Raises:
            EngineDied: no engine is running.
        """

    def write_midi(self, clip: Path, folder: Path) -> str:
        """Write the notes of a clip as a MIDI file into a folder, and return the job's id.

        Raises:
            EngineDied: no engine is running.
        """

    def download(self, model_id: str) -> str:
        """Download a model, and return the job's id.

        Raises:
            EngineDied: no engine is running.
        """

    def list_models(self) -> str:
        """Have the engine list its models, and return the id of the reply.

        Raises:
            EngineDied: no engine is running.
        """

    def cancel(self, job_id: str) -> None:
        """Cancel a queued or running job."""

    def unload(self) -> str:
        """Have the engine free the memory of its model, and return the id of the reply.

        Raises:
            EngineDied: no engine is running.
        """


def restarting(engine: Engine, send: Callable[[], str]) -> str:
    """Return what `send` returns; if the engine is down, start it and call `send` again.

    The supervision stops restarting an engine that failed too often. A new request from the user
    justifies one more start.

    Raises:
        EngineDied: it is still not running.
    """
    try:
        return send()
    except EngineDied:
        engine.start()
        return send()
