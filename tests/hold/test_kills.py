"""Engines and programs that are killed at random moments: while they generate, while they save."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop.state.project_file import ProjectFile
from desktop.state.settings import load_settings
from engine.client import Limits
from engine.loops.project import Project
from engine.protocol import Cancelled, Done, Failed, Progress, Queued, Ready
from tests.engine.client.test_kills import parts, whole_clips
from tests.fakes.clips import clip_of, grid_of
from tests.fakes.front_end import FrontEnd, engine_fails
from tests.hold.saver import CLIP

SAVER, WINDOW_SAVER = (Path(__file__).with_name(name) for name in ("saver.py", "window_saver.py"))
HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "LOOPWRIGHT_MODELS")


class TimedFrontEnd(FrontEnd):
    """Notes when its engines were ready."""

    def __init__(self, project: Path) -> None:
        self.ready_at = []
        super().__init__(project, limits=Limits(restarts=1_000), then=self._note_time)

    def _note_time(self, event):
        if isinstance(event, Ready):
            self.ready_at.append(time.monotonic())


@pytest.mark.hold(7)
@engine_fails
def test_an_engine_killed_at_any_moment_leaves_no_partial_clip_and_keeps_the_queue(tmp_path, hold):
    lives, dice = hold.count(6, 200), hold.dice()
    project, waits, ends = tmp_path / "project", [], []
    with TimedFrontEnd(project) as front:
        job_s = seconds_of_job(front)
        for life in range(lives):
            pid = front.engine_pid(life)
            running, queued = render(front), front.render()
            front.first(Queued, queued)
            # Each engine is new, as the first one was, so its time to load is in the job's, too.
            threading.Event().wait(dice.uniform(0, 1.2 * job_s))
            killed_at = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            front.engine_pid(life + 1)
            waits.append(front.ready_at[life + 1] - killed_at)
            ends += [front.end_of(running), front.end_of(queued)]
    done = sum(isinstance(end, Done) for end in ends)
    p95_s = sorted(waits)[int(0.95 * lives)]
    figure = f"the engine killed {lives} times: {done} of {len(ends)} jobs done, "
    hold.figure(7, f"{figure}{whole_clips(project)} clips whole, ready in {p95_s:.2f} s (p95)")
    assert all(isinstance(end, Done | Failed) for end in ends)
    assert done >= lives  # one with takes does not begin again, or its takes would be there twice
    Project.open(project)
    assert parts(project) == []
    assert hold.is_short or p95_s < 3


def render(front) -> str:
    return front.render(bars=4, takes=3)


def seconds_of_job(front) -> float:
    began_at = time.monotonic()
    assert isinstance(front.end_of(render(front)), Done)
    return min(time.monotonic() - began_at, 3.0)


@pytest.mark.hold(8)
def test_a_program_killed_while_it_saves_leaves_the_old_or_the_new_state(tmp_path, hold):
    kills, dice = hold.count(8, 200), hold.dice()
    (tmp_path / "project").mkdir()
    last, saves = 0, 0
    for _ in range(kills):
        command = [sys.executable, str(SAVER), str(tmp_path), str(last + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as saver:
            first = int(saver.stdout.readline())
            threading.Event().wait(dice.uniform(0, 0.1))
            saver.kill()
            told = [first, *map(int, saver.stdout.read().split(b"\n")[:-1])]
        saves += len(told)
        (settings,) = load_settings(
            tmp_path / "config" / "settings.json", report=pytest.fail
        ).prompts
        title = ProjectFile(tmp_path / "project").section("clips")[CLIP]["title"]
        assert told[-1] <= int(title) <= int(settings) <= told[-1] + 1
        last = int(settings)
    Project.open(tmp_path / "project")  # removes what the killed ones left there
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    hold.figure(8, f"a program killed {kills} times in {saves:,} saves: always the old or the new")
    assert left == {"settings.json", "loopwright.json", "lock"}


@pytest.mark.hold(8)
def test_the_window_killed_while_it_saves_shows_the_old_or_the_new_state(tmp_path, hold):
    kills, dice = hold.count(2, 200), hold.dice()
    project, home = tmp_path / "project", {name: str(tmp_path) for name in HOMES}
    project.mkdir()
    (project / f"warm-bass_128bpm_4bars_{CLIP}.wav").write_bytes(clip_of(grid_of()))
    last, saves = "0", 0
    ProjectFile(project).change(
        "clips", lambda marks: marks.update({CLIP: {"title": last}}), what=""
    )
    for _ in range(kills):
        command = [sys.executable, str(WINDOW_SAVER), str(project), str(int(last) + 1)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, **home}
        ) as window:
            assert window.stdout.readline().decode().strip() == last  # what the killed one left
            stored = int(window.stdout.readline())
            threading.Event().wait(dice.uniform(0, 0.1))
            window.kill()
            told = [stored, *map(int, window.stdout.read().split(b"\n")[:-1])]
        saves += len(told)
        file = ProjectFile(project)
        mark, pad = file.section("clips")[CLIP], file.section("pads")["A"]["1"]
        last = mark["title"]
        assert told[-1] <= int(last) <= told[-1] + 1
        assert mark.get("starred", False) == (int(last) % 2 == 1)
        assert round(100 * pad.get("pan", 0.0)) in (told[-1] % 100, int(last) % 100)
    Project.open(project)  # removes what the killed ones left there
    figure = (
        f"the window killed {kills} times in {saves:,} changes: always the old or the new state"
    )
    hold.figure(8, figure)
    assert {path.name for path in project.iterdir() if path.suffix != ".wav"} == {
        "loopwright.json", ".loopwright"
    }  # fmt: skip


@pytest.mark.hold(16)
@engine_fails
@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process")
def test_an_engine_that_hangs_is_noticed_and_replaced(tmp_path, hold):
    times, waits = hold.count(1, 20), []
    with FrontEnd(tmp_path / "project", limits=Limits(restarts=1_000)) as front:
        for life in range(times):
            front.engine_pid(life)
            job = front.render("slow")
            front.first(Progress, job)
            began_at = time.monotonic()
            os.kill(front.engine_pid(life), signal.SIGSTOP)
            front.wait(lambda life=life: len(front.exits) == life + 1)
            waits.append(time.monotonic() - began_at)
            front.wait(lambda job=job: front.story(job).count("understood") == 2)
            front.client.cancel(job)
            assert isinstance(front.end_of(job), Cancelled)
    limits, text = Limits(), f"the engine stopped {times} times: noticed and ended within "
    hold.figure(16, text + f"{max(waits):.1f} s; its job began again in a new one")
    assert hold.is_short or max(waits) < limits.silence_s + limits.terminate_s + 1
