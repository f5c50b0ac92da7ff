"""What a front end needs of an engine, and how it asks one that has stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.errors import EngineDied
from engine.loops.request import LoopRequest


class Engine(Protocol):
    """What front ends call; `engine.client.EngineClient` implements it."""

    def start(self) -> None:
        """Start the engine unless it runs; returns at once."""

    def render(
        self,
        request: LoopRequest,
        project: Path,
        source: Path | None = None,
        with_source: Path | None = None,
        *,
        preview: bool = False,
    ) -> str:
        """Ask for the takes of a request, made of its sources, and return the job's id.

        Raises:
            LoopError: the request cannot be met, whatever the model.
            EngineDied: no engine is running.
        """

    def download(self, model_id: str) -> str:
        """Download a model, and return the job's id.

        Raises:
            EngineDied: no engine is running.
        """

    def cancel(self, job_id: str) -> None:
        """End a job, queued or running."""

    def unload(self) -> str:
        """Ask the engine to free the memory of its model, and return the id of the answer.

        Raises:
            EngineDied: no engine is running.
        """


def restarting(engine: Engine, ask: Callable[[], str]) -> str:
    """Return what `ask` returns; if the engine is down, start it and ask once more.

    The supervision leaves an engine alone that failed too often. A new question from the user is
    worth one more start.

    Raises:
        EngineDied: it is still not running.
    """
    try:
        return ask()
    except EngineDied:
        engine.start()
        return ask()
