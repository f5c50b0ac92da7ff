"""The engine as a real process, with fake models: whole lives as ordered lists of events."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
import soundfile

from engine.entry_points import engine_command
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.protocol import (
    LONGEST_LINE_BYTES,
    Cancelled,
    Diagnosis,
    Done,
    Failed,
    Heartbeat,
    Models,
    Pong,
    Progress,
    Queued,
    TakeReady,
    Understood,
    Unloaded,
)
from engine.server.worker import PROGRESS_INTERVAL_S
from tests.fakes.front_end import FrontEnd


def test_a_job_reports_every_stage_in_order(front):
    front.end_of(front.render(takes=2))
    front.client.close()
    assert front.story() == [
        "ready", "queued", "understood", "progress", "takeready", "takeready", "done",
    ]  # fmt: skip
    assert [ended.was_successful() for ended in front.exits] == [True]


def test_a_take_is_a_complete_clip_with_a_recipe(front):
    job = front.render("warm tone", takes=2, seed=5, bpm=93.5, key="A minor")
    done = front.end_of(job)
    takes = [event for event in front.events_of(job) if isinstance(event, TakeReady)]
    assert [take.rank for take in takes] == [1, 2]
    assert [take.clip.id for take in takes] == list(done.clips)
    for take in takes:
        path = Path(take.clip.path)
        recipe = read_recipe(path)
        assert recipe == take.clip.recipe
        assert path == front.project / take.clip.file
        assert soundfile.info(path).frames == take.clip.frames == recipe.grid.frames
        assert (recipe.request_id, recipe.asked_seed, recipe.asked_takes) == (job, 5, 2)
        assert (recipe.request.takes, recipe.request.seed) == (1, recipe.request.seed)
    assert takes[0].clip.recipe.request.seed == 5
    assert takes[1].clip.recipe.request.seed != 5


def test_numpy_leaves_the_other_cores_to_the_daw(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with FrontEnd(tmp_path, engine_command()) as front:
        assert isinstance(front.end_of(front.render("drums", model="sketch")), Done)
        # For commands, jobs, downloads and the heartbeat, and one that helps sketch.
        assert psutil.Process(front.engine_pid()).num_threads() == 5


def test_the_recipe_of_a_take_makes_that_take_again(front):
    front.end_of(job := front.render(takes=3))
    for take in [event for event in front.events_of(job) if isinstance(event, TakeReady)]:
        again = front.client.render(take.clip.recipe.request, front.project)
        front.end_of(again)
        made = front.first(TakeReady, again).clip
        first, second = soundfile.read(take.clip.path)[0], soundfile.read(made.path)[0]
        assert first.tobytes() == second.tobytes()


def test_a_missing_seed_is_drawn_and_recorded(front):
    front.end_of(first := front.render())
    front.end_of(second := front.render())
    seeds = {front.first(TakeReady, job).clip.recipe.request.seed for job in (first, second)}
    assert None not in seeds
    assert len(seeds) == 2


def test_progress_never_decreases_and_does_not_flood(front):
    begun = time.monotonic()
    front.end_of(job := front.render("warm pad, bass and drums", model="sketch", takes=3))
    took_s = time.monotonic() - begun
    fractions = [event.fraction for event in front.events_of(job) if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    stages_and_takes = 30  # Each is reported when it begins.
    assert 2 <= len(fractions) < took_s / PROGRESS_INTERVAL_S + stages_and_takes


def test_each_sketch_take_is_made_again_bit_for_bit_from_its_recipe(front):
    job = front.render("chords and a lead", model="sketch", takes=3)
    assert isinstance(front.end_of(job), Done)
    for take in [event for event in front.events_of(job) if isinstance(event, TakeReady)]:
        again = front.client.render(read_recipe(Path(take.clip.path)).request, front.project)
        front.end_of(again)
        made = front.first(TakeReady, again).clip
        first, second = (soundfile.read(each.path)[0] for each in (take.clip, made))
        assert first.tobytes() == second.tobytes()


def test_jobs_are_queued_and_report_each_change_of_position(front):
    first = front.render("slow")
    front.first(Understood, first)
    second, third = front.render(), front.render()
    front.first(Queued, third)
    front.client.cancel(first)
    front.end_of(third)

    def positions(job):
        return [event.position for event in front.events_of(job) if isinstance(event, Queued)]

    assert (positions(first), positions(second), positions(third)) == ([0], [1, 0], [2, 1, 0])
    assert front.story(second) == [
        "queued", "queued", "understood", "progress", "takeready", "done",
    ]  # fmt: skip


def test_a_queued_job_is_cancelled_before_its_model_is_loaded(front):
    first = front.render("slow")
    front.first(Understood, first)
    second = front.render(model="fake-big")
    front.first(Queued, second)
    front.client.cancel(second)
    assert front.end_of(second) == Cancelled(second)
    front.client.cancel(first)
    front.end_of(first)
    assert front.story(second) == ["queued", "cancelled"]


def test_a_cancelled_running_job_leaves_no_file(front):
    job = front.render("slow")
    front.wait(lambda: [e for e in front.events_of(job) if isinstance(e, Progress)][1:])
    front.client.cancel(job)
    assert front.end_of(job) == Cancelled(job)
    assert list(front.project.iterdir()) == []


def test_cancelling_an_ended_or_unknown_job_changes_nothing(front):
    front.end_of(job := front.render())
    front.client.cancel(job)
    front.client.cancel("nobody")
    front.first(Pong, front.client.ping())
    assert front.story(job).count("done") == 1
    assert "cancelled" not in front.story(job)


@pytest.mark.parametrize(
    ("prompt", "fields", "code", "sentence"),
    [
        ("fail", {}, 500, "Model 'fake' failed with ZeroDivisionError: try another seed"),
        ("exit", {}, 500, "Model 'fake' failed with SystemExit: try another seed"),
        ("hungry", {}, 500, "This computer ran out of memory: ask for fewer bars"),
        ("missing", {"takes": 3}, 500, "Model 'fake' made 2 takes of 3"),
        ("tone", {"model": "fak"}, 404, "There is no model 'fak'; did you mean 'fake'?"),
        ("tone", {"guidance": 3.0}, 400, "Model 'fake' has no setting 'guidance'"),
        ("tone", {"bars": 1000, "bpm": 20.0}, 400, "1000 bars of 4/4 at 20 BPM last 12000 s"),
    ],
)
def test_a_failed_job_reports_the_reason_and_does_not_affect_the_next(
    front, prompt, fields, code, sentence
):
    failed = front.end_of(front.render(prompt, **fields))
    assert isinstance(failed, Failed)
    assert (failed.code, failed.message[: len(sentence)]) == (code, sentence)
    assert "Traceback" in failed.detail
    assert "Traceback" not in failed.message
    assert isinstance(front.end_of(front.render()), Done)
    assert len(front.exits) == 0


@pytest.mark.parametrize("place", ["a file", "no parent/below", "/proc/nowhere"])
def test_an_unusable_project_folder_fails_the_job_before_it_starts(front, place):
    front.project.mkdir()
    (front.project / "a file").touch()
    job = front.client.render(LoopRequest(prompt="tone", model="fake"), front.project / place)
    failed = front.end_of(job)
    assert failed.code == 500
    assert failed.message.startswith("Project folder ")
    assert front.story(job) == ["queued", "failed"]


def test_a_request_no_model_can_meet_is_refused_before_it_is_sent(front):
    with pytest.raises(LoopError, match="The tempo is nan, but must be 20 to 400 BPM"):
        front.render(bpm=float("nan"))
    with pytest.raises(LoopError, match="The number of bars is 0"):
        front.render(bars=0)
    with pytest.raises(LoopError, match="bytes that are not text"):
        front.client.render(LoopRequest(prompt="x"), Path("/tmp/\udcff"))
    with pytest.raises(LoopError, match=r"The request has [0-9,]+ bytes"):
        front.client.render(LoopRequest(prompt="x", model="x" * LONGEST_LINE_BYTES), front.project)


def test_rejected_takes_go_to_the_rejected_folder_with_their_badges(front):
    for prompt, badge in (("silent", "silent"), ("loud", "clipped"), ("broken", "not finite")):
        job = front.render(prompt)
        assert isinstance(front.end_of(job), Done)
        clip = front.first(TakeReady, job).clip
        assert clip.recipe.badges == (badge,)
        assert Path(clip.file).parent == Path("rejected")
        assert read_recipe(Path(clip.path)).badges == (badge,)


def test_output_printed_by_a_model_does_not_disturb_the_messages(front):
    front.end_of(front.render("print"))
    front.client.close()
    assert front.exits[0].garbage_lines == 0
    assert front.exits[0].stderr == (
        "a model library prints to stdout", "and to descriptor 1",
    )  # fmt: skip


def test_a_model_that_is_not_built_in_reports_loading(front):
    job = front.render(model="fake-big")
    front.end_of(job)
    assert front.first(Progress, job).stage == "loading Big Fake"


def test_an_idle_engine_unloads_its_model_and_the_next_job_reloads_it(front):
    jobs = [front.end_of(front.render(model="fake-big")).id for _ in range(2)]
    front.first(Unloaded, front.client.unload())
    jobs.append(front.end_of(front.render(model="fake-big")).id)
    loads = [e.id for e in front.events if isinstance(e, Progress) and "loading" in e.stage]
    assert loads == [jobs[0], jobs[2]]


def test_a_model_is_unloaded_after_the_running_job_and_before_the_next(front):
    running = front.render("slow", model="fake-big")
    front.first(Progress, running)
    waiting = front.render(model="fake-big")
    unload_id = front.client.unload()
    front.first(Pong, front.client.ping())
    assert not any(isinstance(event, Unloaded) for event in front.events)
    front.client.cancel(running)
    assert isinstance(front.end_of(waiting), Done)
    replies = [e for e in front.events if isinstance(e, Cancelled | Unloaded | Done)]
    assert [type(event) for event in replies] == [Cancelled, Unloaded, Done]
    assert replies[1] == Unloaded(unload_id)
    assert "loading Big Fake" in [e.stage for e in front.events_of(waiting) if hasattr(e, "stage")]


def test_queries_are_answered_while_a_job_runs(front):
    job = front.render("slow")
    front.first(Understood, job)
    assert front.first(Pong, front.client.ping())
    assert [m["id"] for m in front.first(Models, front.client.list_models()).models] == [
        "fake", "fake-big", "fake-parts", "sketch",
    ]  # fmt: skip
    facts = front.first(Diagnosis, front.client.diagnose()).facts
    assert {"python", "platform", "numpy", "torch", "cpu_count", "memory_free_bytes"} <= set(facts)
    assert front.first(Heartbeat).jobs == 1
    assert "done" not in front.story(job)


def test_an_idle_engine_has_loaded_neither_torch_nor_scipy_and_stays_small(tmp_path):
    with FrontEnd(tmp_path, [sys.executable, "-P", "-m", "engine"]) as front:
        front.first(Heartbeat)
        engine = psutil.Process(front.engine_pid())
        libraries = [area.path for area in engine.memory_maps()]
        assert not [path for path in libraries if "/torch/" in path or "/scipy/" in path]
        assert engine.memory_info().rss < 120 * 2**20
        assert engine.nice() > psutil.Process().nice()
        assert os.getsid(engine.pid) == engine.pid


def test_the_engine_ignores_ctrl_c(front):
    job = front.render("slow")
    front.first(Understood, job)
    os.kill(front.engine_pid(), signal.SIGINT)
    assert front.first(Pong, front.client.ping())
    front.client.cancel(job)
    assert front.end_of(job) == Cancelled(job)
