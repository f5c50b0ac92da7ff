"""A front end for tests: the real client, and a record of its events."""

import sys
import threading
from pathlib import Path

import pytest

from engine.client import EngineClient, Limits
from engine.loops.request import LoopRequest
from engine.protocol import Cancelled, Done, Failed, Heartbeat, Progress, Ready

FAKES = Path(__file__).parent
FAKE_ENGINE = [sys.executable, "-P", str(FAKES / "fake_engine.py")]
PATIENCE_S = 120
"""How long a test waits for an event; far longer than it ever takes."""
engine_fails = pytest.mark.expects_log("WARNING engine.client.supervision: ")
"""The mark of a test in which an engine does not start, or exits unexpectedly."""


def bad_engine(*faults: str) -> list[str]:
    """Return the command of an engine that misbehaves."""
    return [sys.executable, "-P", str(FAKES / "bad_engine.py"), *faults]


class FrontEnd:
    """Starts an engine, renders with the fake model, and waits for events without sleeping."""

    def __init__(self, project: Path, command=FAKE_ENGINE, limits: Limits | None = None, then=None):
        """Note each event, and then call `then` with it."""
        self.project = project
        self._then = then
        self.events = []
        self.exits = []
        self._changed = threading.Condition()
        self.client = EngineClient(
            self._note_event, on_exit=self._note_exit, command=command, limits=limits
        )

    def __enter__(self):
        self.client.start()
        return self

    def __exit__(self, *_):
        self.client.close()

    def _note_event(self, event):
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        if self._then is not None:
            self._then(event)

    def _note_exit(self, ended):
        with self._changed:
            self.exits.append(ended)
            self._changed.notify_all()

    def wait(self, condition, timeout_s=PATIENCE_S):
        """Wait until `condition()` is true, checking after each event."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout_s), self.events
            return condition()

    def first(self, kind, job_id=None):
        """Wait for an event of a kind, of any job or of one."""

        def found():
            return next(
                (
                    event
                    for event in self.events
                    if isinstance(event, kind) and (job_id is None or event.id == job_id)
                ),
                None,
            )

        return self.wait(found)

    def engine_pid(self, life=0) -> int:
        """Return the process id of the engine, or that of a later one."""
        return self.wait(lambda: [e for e in self.events if isinstance(e, Ready)][life : life + 1])[
            0
        ].pid

    def render(self, prompt="tone", *, preview=False, **fields) -> str:
        request = LoopRequest(prompt=prompt, **{"model": "fake", "bars": 1} | fields)
        return self.client.render(request, self.project, preview=preview)

    def end_of(self, job_id):
        """Wait for the end of a job and return its terminal event."""
        return self.first(Done | Failed | Cancelled, job_id)

    def events_of(self, job_id) -> list:
        return [event for event in self.events if getattr(event, "id", None) == job_id]

    def story(self, job_id=None) -> list[str]:
        """Name the events in their order, without heartbeats; repeated progress counts once."""
        events = self.events if job_id is None else self.events_of(job_id)
        names = [
            type(event).__name__.lower() for event in events if not isinstance(event, Heartbeat)
        ]
        return [
            name
            for index, name in enumerate(names)
            if name != Progress.__name__.lower() or names[index - 1 : index] != [name]
        ]
