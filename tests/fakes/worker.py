"""A worker that runs one job in this process."""

from engine.models.catalogue import Catalogue
from engine.models.store import ModelStore
from engine.protocol import Cancelled, Done, Event, Failed, Progress, Render
from engine.server.queue import JobQueue
from engine.server.worker import Worker
from tests.fakes.generators import FAKES


def events_of(
    job: Render, *, models: Catalogue = FAKES, cancel_at: str | None = None
) -> list[Event]:
    """Run a job, cancel it at the stage of that name, and return all of its events."""
    events: list[Event] = []

    def note(event: Event) -> None:
        events.append(event)
        if isinstance(event, Progress) and event.stage == cancel_at:
            jobs.cancel(job.id)
        if isinstance(event, Done | Failed | Cancelled):
            jobs.close()

    jobs = JobQueue(note)
    jobs.add(job)
    Worker(jobs, ModelStore(models), note).run()
    return events
