"""The job queue by itself: states, positions, and one terminal event per job."""

import gc
import threading
import weakref

import pytest

from engine.errors import DuplicateJob
from engine.loops.request import LoopRequest
from engine.protocol import Cancelled, Done, Failed, JobState, Queued, Render
from engine.server.queue import REMEMBERED_JOBS, JobQueue


@pytest.fixture
def events():
    return []


@pytest.fixture
def jobs(events):
    return JobQueue(events.append)


def render(job_id):
    return Render(job_id, LoopRequest(prompt="x"), "/somewhere")


def test_the_first_job_is_next_and_the_others_wait(jobs, events):
    for name in "abc":
        jobs.add(render(name))
    assert events == [Queued("a", 0), Queued("b", 1), Queued("c", 2)]
    assert jobs.open_jobs == 3


def test_jobs_start_in_order_of_arrival(jobs):
    for name in "abc":
        jobs.add(render(name))
    started = []
    for _ in range(3):
        job = jobs.start_next()
        assert job.state is JobState.RUNNING
        jobs.finish(job, Done(job.id, ()))
        started.append((job.id, job.state))
    assert started == [("a", JobState.DONE), ("b", JobState.DONE), ("c", JobState.DONE)]
    assert jobs.open_jobs == 0


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Done("a", ("x",)), JobState.DONE),
        (Failed("a", 500, "why"), JobState.FAILED),
        (Cancelled("a"), JobState.CANCELLED),
    ],
)
def test_the_terminal_event_sets_the_state_and_is_reported_once(jobs, events, event, state):
    jobs.add(render("a"))
    job = jobs.start_next()
    jobs.finish(job, event)
    with pytest.raises(RuntimeError, match=f"Job 'a' cannot go from {state.value} to "):
        jobs.finish(job, event)
    assert job.state is state
    assert events == [Queued("a", 0), event]


def test_removing_a_waiting_job_moves_up_those_behind_it(jobs, events):
    for name in "abcd":
        jobs.add(render(name))
    del events[:]
    jobs.cancel("b")
    assert events == [Cancelled("b"), Queued("c", 1), Queued("d", 2)]


def test_cancelling_a_running_job_only_requests_its_end(jobs, events):
    jobs.add(render("a"))
    job = jobs.start_next()
    jobs.cancel("a")
    assert job.cancel_requested
    assert job.state is JobState.RUNNING
    assert events == [Queued("a", 0)]


def test_cancelling_a_finished_or_unknown_job_reports_nothing(jobs, events):
    jobs.add(render("a"))
    jobs.finish(jobs.start_next(), Done("a", ()))
    del events[:]
    jobs.cancel("a")
    jobs.cancel("z")
    assert events == []


def test_an_id_stays_taken_while_its_job_is_remembered(jobs):
    jobs.add(render("a"))
    with pytest.raises(DuplicateJob, match="There is already a job 'a'"):
        jobs.add(render("a"))
    jobs.finish(jobs.start_next(), Done("a", ()))
    with pytest.raises(DuplicateJob):
        jobs.add(render("a"))
    for number in range(REMEMBERED_JOBS):
        jobs.add(render(str(number)))
        jobs.finish(jobs.start_next(), Done(str(number), ()))
    assert not jobs.knows("a")
    assert jobs.knows("0")


def test_a_job_is_not_open_any_more_when_its_end_is_told():
    open_jobs = []
    jobs = JobQueue(lambda event: open_jobs.append((type(event), jobs.open_jobs)))
    jobs.add(render("a"))
    jobs.finish(jobs.start_next(), Done("a", ()))
    assert open_jobs == [(Queued, 1), (Done, 0)]


def test_of_a_job_that_ended_only_the_id_is_kept(jobs):
    jobs.add(render("a"))
    job = jobs.start_next()
    jobs.finish(job, Done("a", ()))
    kept = weakref.ref(job)
    del job
    gc.collect()
    assert kept() is None
    assert jobs.knows("a")


def test_close_cancels_all_jobs_and_wakes_the_worker(jobs, events):
    for name in "abc":
        jobs.add(render(name))
    job = jobs.start_next()
    del events[:]
    jobs.close()
    assert events == [Cancelled("c"), Cancelled("b")]
    assert job.cancel_requested
    assert jobs.start_next() is None


def test_a_waiting_worker_gets_the_next_job(jobs):
    got = []
    thread = threading.Thread(target=lambda: got.append(jobs.start_next()))
    thread.start()
    jobs.add(render("a"))
    thread.join(60)
    assert [job.id for job in got] == ["a"]


def test_concurrent_threads_lose_no_job_and_end_each_once():
    ends = []
    all_ended = threading.Event()

    def note(event):
        ends.extend([] if isinstance(event, Queued) else [event.id])
        if len(ends) == 200:
            all_ended.set()

    jobs = JobQueue(note)

    def submit(name):
        for number in range(50):
            jobs.add(render(f"{name}{number}"))
            if number % 3 == 0:
                jobs.cancel(f"{name}{number}")

    def work():
        while (job := jobs.start_next()) is not None:
            jobs.finish(job, Cancelled(job.id) if job.cancel_requested else Done(job.id, ()))

    worker = threading.Thread(target=work)
    worker.start()
    submitters = [threading.Thread(target=submit, args=(name,)) for name in "abcd"]
    for thread in submitters:
        thread.start()
    assert all_ended.wait(60)
    jobs.close()
    for thread in (worker, *submitters):
        thread.join(60)
    assert len(ends) == len(set(ends)) == 200
