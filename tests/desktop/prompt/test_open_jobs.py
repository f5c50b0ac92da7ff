import pytest

from desktop.prompt.open_jobs import OpenJobs
from engine import protocol
from engine.loops.request import LoopRequest
from tests.fakes.clips import grid_of


@pytest.fixture
def now():
    return [10.0]


@pytest.fixture
def open_jobs(now):
    open_jobs = OpenJobs(lambda: now[0])
    open_jobs.add("one", LoopRequest(prompt="drums"))
    return open_jobs


def understood(job_id):
    return protocol.Understood(job_id, grid=grid_of(), frames=1, title="Dusty drums")


def test_a_job_waits_until_the_engine_starts_it(open_jobs):
    open_jobs.on_event(protocol.Queued("one", 2))
    assert open_jobs.rows[0].state_text() == "waiting, 2 ahead"
    open_jobs.on_event(understood("one"))
    assert open_jobs.rows[0].title == "Dusty drums"
    assert open_jobs.rows[0].state_text() == "starting"


def test_the_time_left_is_estimated_from_the_time_passed(open_jobs, now):
    open_jobs.on_event(understood("one"))
    now[0] += 2.0
    open_jobs.on_event(protocol.Progress("one", 0.25, "step 5/20"))
    assert open_jobs.rows[0].left_s(now[0]) == pytest.approx(6.0)
    assert open_jobs.rows[0].spoken(now[0]) == "Dusty drums, step 5/20, 25%, 6 seconds left"


@pytest.mark.parametrize(
    "last",
    [protocol.Done("one", ()), protocol.Failed("one", 500, "No."), protocol.Cancelled("one")],
)
def test_a_job_leaves_with_its_last_event(open_jobs, last):
    open_jobs.on_event(last)
    assert len(open_jobs) == 0


def test_events_of_foreign_and_finished_jobs_change_nothing(open_jobs):
    reported = []
    open_jobs.on_change = reported.append
    open_jobs.on_event(protocol.Progress("other", 0.5, "x"))
    open_jobs.on_event(protocol.Done("other", ()))
    open_jobs.on_event(protocol.Heartbeat(1))
    assert reported == []


def test_cancelling_is_shown_until_the_engine_confirms(open_jobs):
    open_jobs.cancelling("one")
    assert open_jobs.rows[0].state_text() == "cancelling"
