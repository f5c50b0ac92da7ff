"""Engines and front ends that are killed, that crash or that sleep, and what is left of them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import soundfile

from engine.loops.file_facts import read_recipe
from engine.loops.files import temporary_folder
from engine.protocol import (
    Cancelled,
    Done,
    Progress,
    TakeReady,
    Understood,
)
from tests.fakes.front_end import FAKES, PATIENCE_S, FrontEnd, engine_fails

FRONT_END_THAT_IS_KILLED = FAKES / "front_end_that_is_killed.py"


def wait_until_gone(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(PATIENCE_S)


def parts(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


@engine_fails
def test_an_engine_crash_loses_only_the_running_job(front):
    lost = front.render("die")
    kept = [front.render(), front.render()]
    failed = front.end_of(lost)
    assert failed.code == 503
    assert failed.message == (
        "The engine was killed by the system, perhaps because memory ran out. It was working on "
        "this job for the second time: ask for fewer bars or takes, or choose another model."
    )
    assert all(isinstance(front.end_of(job), Done) for job in kept)
    assert front.engine_pid(0) != front.engine_pid(1)


@engine_fails
def test_a_job_whose_engine_is_killed_once_is_restarted(tmp_path):
    with FrontEnd(tmp_path) as front:
        job = front.render("slow")
        front.first(Progress, job)
        os.kill(front.engine_pid(), signal.SIGKILL)
        front.wait(lambda: front.story(job).count("understood") == 2)
        front.client.cancel(job)
        assert front.end_of(job) == Cancelled(job)


@engine_fails
def test_a_job_with_takes_is_not_restarted_so_no_take_is_duplicated(tmp_path):
    def kill_at_the_first_take(event):
        if isinstance(event, TakeReady):
            os.kill(front.engine_pid(), signal.SIGKILL)

    front = FrontEnd(tmp_path, then=kill_at_the_first_take)
    with front:
        failed = front.end_of(front.render(bars=8, takes=16))
    assert failed.code == 503
    assert failed.message.endswith("this job's remaining takes were lost: ask for them again.")
    assert 1 <= whole_clips(tmp_path) < 16


def test_two_front_ends_render_into_one_folder_without_disturbing_each_other(tmp_path):
    with FrontEnd(tmp_path) as one, FrontEnd(tmp_path) as other:
        jobs = [(front, front.render(takes=3)) for front in (one, other) for _ in range(3)]
        ends = [front.end_of(job) for front, job in jobs]
    assert sum(len(end.clips) for end in ends) == 18
    assert len(list(tmp_path.glob("*.wav"))) == 18
    assert parts(tmp_path) == []


def test_killing_a_front_end_leaves_no_engine(tmp_path, monkeypatch):
    process = subprocess.Popen(
        [sys.executable, str(FRONT_END_THAT_IS_KILLED), str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    with process:
        engine_pid = int(process.stdout.readline())
        assert psutil.pid_exists(engine_pid)
        process.kill()
    wait_until_gone(engine_pid)
    assert not psutil.pid_exists(engine_pid)
    (left,) = tmp_path.glob("loopwright-engine-*")
    (left / "cache").write_bytes(b"by a library")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = temporary_folder("loopwright-engine-")
    assert list(tmp_path.glob("loopwright-engine-*")) == [own]
    assert list(tmp_path.rglob("*.wav")) == []


@engine_fails
def test_a_partial_file_of_a_killed_engine_is_removed_when_the_project_is_opened(tmp_path):
    with FrontEnd(tmp_path) as front:
        job = front.render(bars=30, rate=96_000, bits="32f")
        pid = front.engine_pid()
        front.first(Understood, job)
        while not part_has_begun(tmp_path):
            assert "done" not in front.story(job)
        os.kill(pid, signal.SIGKILL)
        assert isinstance(front.end_of(job), Done)
    assert whole_clips(tmp_path) == 1
    assert parts(tmp_path) == []


def part_has_begun(folder) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return any(path.stat().st_size for path in parts(folder))
    return False


def whole_clips(project) -> int:
    clips = list(project.glob("*.wav"))
    for path in clips:
        audio, _ = soundfile.read(path)
        assert len(audio) == read_recipe(path).grid.frames
    return len(clips)


def test_an_engine_is_not_considered_silent_after_the_computer_slept(tmp_path):
    process = subprocess.Popen(
        [sys.executable, str(FAKES / "front_end_that_sleeps.py"), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        engine_pid = int(process.stdout.readline())
        # A computer that sleeps stops both; here the engine is the last to wake up.
        both = psutil.Process(process.pid), psutil.Process(engine_pid)
        try:
            for each in both:
                each.suspend()
            threading.Event().wait(4)
        finally:
            for each in both:
                each.resume()
                threading.Event().wait(0.3)
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.stdout.read().split() == [b"0", b"exits"]
    wait_until_gone(engine_pid)
