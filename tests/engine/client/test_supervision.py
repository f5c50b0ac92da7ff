"""The client beside an engine that misbehaves; each engine here is a real process."""

import contextlib
import os
import re
import signal
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.client import Limits
from engine.errors import EngineDied
from engine.protocol import Cancelled, Done, Failed, Heartbeat, Pong
from tests.fakes.front_end import PATIENCE_S, FrontEnd, bad_engine, engine_fails

QUICK = Limits(
    ready_s=60.0, silence_s=1.5, cancel_s=1.0, ask_s=1.0, terminate_s=0.5, kill_s=2.0, restarts=2
)
IMPATIENT = Limits(
    ready_s=3.0, silence_s=1.5, cancel_s=1.0, ask_s=1.0, terminate_s=0.5, kill_s=2.0, restarts=1
)


def wait_until_gone(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(PATIENCE_S)


def failure(tmp_path, *misdeeds, limits=QUICK):
    with FrontEnd(tmp_path, bad_engine(*misdeeds), limits) as front:
        failed = front.end_of(front.render())
    assert isinstance(failed, Failed)
    assert failed.code == 503
    return failed, front


@engine_fails
def test_an_engine_that_never_becomes_ready_is_reported_and_given_up(tmp_path):
    hasty = msgspec.structs.replace(IMPATIENT, ready_s=0.5)
    failed, front = failure(tmp_path, "never-ready", limits=hasty)
    assert failed.message == (
        "The engine was stopped because it was not ready after 0.5 s. "
        "It failed too often to be restarted: see the details."
    )
    assert [ended.fault for ended in front.exits] == ["was not ready after 0.5 s"] * 2


@engine_fails
def test_an_engine_that_only_prints_garbage_is_never_considered_ready(tmp_path):
    once = msgspec.structs.replace(IMPATIENT, restarts=0)
    failed, front = failure(tmp_path, "garbage-only", limits=once)
    assert "was not ready after 3 s" in failed.message
    assert front.exits[0].garbage_lines > 100


@engine_fails
def test_a_crash_at_startup_shows_the_last_output_as_detail(tmp_path):
    failed, front = failure(tmp_path, "crash-at-start")
    assert failed.message.startswith("The engine exited unexpectedly with status 1.")
    assert "no such luck" in failed.detail
    assert len(front.exits) == 1 + QUICK.restarts


@engine_fails
def test_a_missing_command_fails_the_job_and_is_named(tmp_path):
    with FrontEnd(tmp_path, ["/nowhere/engine"], QUICK) as front:
        failed = front.end_of(front.render())
    assert failed.message.startswith(
        "The engine did not start: /nowhere/engine: no such file or directory."
    )


@engine_fails
def test_an_engine_with_another_protocol_is_refused(tmp_path):
    failed, _ = failure(tmp_path, "old")
    assert "because it speaks protocol 99, not 1." in failed.message


@pytest.mark.hold(16)
@pytest.mark.parametrize("misdeed", ["silent", "stopped"])
@engine_fails
def test_an_engine_that_goes_silent_during_a_job_is_ended_and_replaced(tmp_path, misdeed):
    with FrontEnd(tmp_path, bad_engine(misdeed), QUICK) as front:
        failed = front.end_of(front.render())
        pids = [front.engine_pid(0), front.engine_pid(1)]
        wait_until_gone(pids[0])
        assert isinstance(front.first(Pong, front.client.ping()), Pong)
    assert failed.message == (
        "The engine was stopped because it was silent for 1.5 s. It was working on this job for "
        "the second time: ask for fewer bars or takes, or choose another model."
    )
    assert len(set(pids)) == 2


@engine_fails
def test_a_file_that_ends_two_engines_is_to_be_left_out(tmp_path):
    with FrontEnd(tmp_path, bad_engine("dies"), QUICK) as front:
        failed = front.end_of(front.client.analyse(tmp_path / "strange.wav"))
    assert failed.code == 503
    assert failed.message.endswith(
        "It was analysing this file for the second time: leave the file out."
    )


@engine_fails
def test_an_engine_that_dies_during_a_job_fails_it_with_its_last_output(tmp_path):
    failed, _ = failure(tmp_path, "dies")
    assert failed.message.startswith("The engine exited unexpectedly with status 7.")
    assert "the last words" in failed.detail


@engine_fails
def test_all_jobs_are_resent_in_order_after_an_exit(tmp_path):
    with FrontEnd(tmp_path, bad_engine("dies-once", str(tmp_path / "memory")), QUICK) as front:
        jobs = [front.render() for _ in range(4)]
        ends = [front.end_of(job) for job in jobs]
    assert [type(end) for end in ends] == [Done] * 4
    order = [event.id for event in front.events if isinstance(event, Done)]
    assert order == jobs


@engine_fails
def test_a_job_that_ends_the_engine_twice_fails_alone(tmp_path):
    with FrontEnd(tmp_path, bad_engine("dies-at", "bad"), QUICK) as front:
        jobs = [front.render(prompt) for prompt in ["bad", "good"] * 4]
        ends = [front.end_of(job) for job in jobs]
        front.wait(lambda: len(front.exits) == 8)
    assert [type(end) for end in ends] == [Failed, Done] * 4
    assert {end.code for end in ends[::2]} == {503}


@engine_fails
def test_engines_killed_before_starting_any_job_do_not_end_the_queue(tmp_path):
    with FrontEnd(tmp_path, limits=QUICK) as front:
        busy = front.render("slow")
        waiting = [front.render() for _ in range(6)]
        for life in range(5):
            os.kill(front.engine_pid(life), signal.SIGKILL)
            front.wait(lambda life=life: len(front.exits) == life + 1)
        front.client.cancel(busy)
        ends = [front.end_of(job) for job in waiting]
    assert [type(end) for end in ends].count(Done) >= 5


@engine_fails
def test_an_engine_that_fails_too_often_stays_down_until_started_again(tmp_path):
    with FrontEnd(tmp_path, bad_engine("crash-at-start"), QUICK) as front:
        jobs = [front.render() for _ in range(6)]
        ends = [front.end_of(job) for job in jobs]
        front.wait(lambda: len(front.exits) == 1 + QUICK.restarts)
        with pytest.raises(EngineDied, match="The engine is not running: start it again"):
            front.render()
        front.client.start()
        again = front.end_of(front.render())
    assert {end.code for end in ends} == {503}
    assert all("failed too often" in end.message for end in ends)
    assert again.code == 503
    assert [len([e for e in front.events_of(job) if isinstance(e, Failed)]) for job in jobs] == [
        1
    ] * 6


def test_garbage_on_the_pipe_is_counted_and_ignored(tmp_path):
    with FrontEnd(tmp_path, bad_engine("garbage"), QUICK) as front:
        end = front.end_of(front.render())
    assert isinstance(end, Done)
    assert front.exits[-1].garbage_lines == 6
    assert "(6 lines on the pipe were not messages)" in front.exits[-1].detail


@engine_fails
def test_a_line_of_100_mb_ends_the_engine_and_not_the_front_end(tmp_path):
    before = psutil.Process().memory_info().rss
    failed, _ = failure(tmp_path, "huge")
    assert "because it sent a line of over 4 MB." in failed.message
    assert psutil.Process().memory_info().rss - before < 50 * 2**20


@engine_fails
def test_an_unresponsive_engine_is_killed(tmp_path):
    with FrontEnd(tmp_path, bad_engine("stubborn"), QUICK) as front:
        pid = front.engine_pid()
    assert not psutil.pid_exists(pid)
    assert front.exits[0].fault == "did not exit when asked to"
    assert front.exits[0].status == -signal.SIGKILL
    assert not front.exits[0].was_successful()


@engine_fails
def test_a_job_that_cannot_be_cancelled_takes_its_engine_with_it(tmp_path):
    with FrontEnd(tmp_path, bad_engine("deaf"), QUICK) as front:
        job = front.render()
        front.wait(lambda: front.story(job))
        front.client.cancel(job)
        assert front.end_of(job) == Cancelled(job)
        front.engine_pid(1)
    assert front.exits[0].fault == "did not cancel a job within 1 s"


def test_events_of_unknown_jobs_are_dropped(tmp_path):
    with FrontEnd(tmp_path, bad_engine("unknown-jobs"), QUICK) as front:
        job = front.render()
        front.end_of(job)
        front.first(Pong, front.client.ping())
    assert front.events_of("unknown") == []


def test_a_second_end_of_a_job_is_ignored(tmp_path):
    with FrontEnd(tmp_path, bad_engine("twice"), QUICK) as front:
        job = front.render()
        front.end_of(job)
        front.first(Pong, front.client.ping())
    assert front.story(job) == ["queued", "done"]


@engine_fails
def test_an_engine_that_closes_its_output_is_ended(tmp_path):
    failed, front = failure(tmp_path, "closes")
    assert "because it closed its output." in failed.message
    assert front.exits[0].status == -signal.SIGTERM


@engine_fails
def test_a_process_left_behind_by_the_engine_does_not_block_the_client(tmp_path):
    with FrontEnd(tmp_path, bad_engine("orphan", "dies"), QUICK) as front:
        assert front.end_of(front.render()).code == 503
    orphans = [re.search(r"orphan (\d+)", ended.detail) for ended in front.exits]
    for orphan in filter(None, orphans):
        os.kill(int(orphan[1]), signal.SIGKILL)
    assert any(orphans)


def test_a_callback_that_raises_is_logged_and_does_not_end_the_supervision(tmp_path, expect_log):
    expect_log("on_event failed")

    def stumble(event):
        if isinstance(event, Heartbeat):
            raise RuntimeError("the window is gone")  # noqa: TRY004

    with FrontEnd(tmp_path, bad_engine("nothing"), QUICK, stumble) as front:
        front.first(Heartbeat)
        assert isinstance(front.end_of(front.render()), Done)


def test_close_from_a_callback_does_not_deadlock(tmp_path):
    front = FrontEnd(tmp_path, bad_engine("nothing"), QUICK, lambda _event: front.client.close())
    with front:
        front.wait(lambda: front.exits)
    assert front.exits[0].was_successful()


def test_close_before_start_and_close_twice_do_nothing(tmp_path):
    front = FrontEnd(tmp_path, bad_engine("nothing"), QUICK)
    front.client.close()
    with front:
        front.engine_pid()
    front.client.close()
    assert [ended.was_successful() for ended in front.exits] == [True]


def test_unanswered_jobs_are_cancelled_on_close(tmp_path):
    with FrontEnd(tmp_path, bad_engine("deaf"), QUICK) as front:
        jobs = [front.render() for _ in range(3)]
        front.wait(lambda: front.story(jobs[-1]))
    assert [front.events_of(job)[-1] for job in jobs] == [Cancelled(job) for job in jobs]


def test_the_engine_has_its_own_working_folder_which_is_removed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise SystemExit('the wrong engine')")
    with FrontEnd(tmp_path, [sys.executable, "-P", "-m", "engine"]) as front:
        folder = Path(psutil.Process(front.engine_pid()).cwd())
        assert list(folder.iterdir()) == []
    assert not folder.exists()
    assert front.exits[0].was_successful()
