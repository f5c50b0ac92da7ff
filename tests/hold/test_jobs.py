"""Many jobs: cancelled at random moments, one after another for long, and made a second time."""

import contextlib
import hashlib
import os
import threading
import time

import psutil
import pytest
import soundfile

from engine.protocol import Cancelled, Done
from engine.server.queue import REMEMBERED_JOBS
from tests.engine.client.test_kills import parts, whole_clips
from tests.fakes.front_end import FrontEnd

PROMPTS = ["dusty drums", "warm Rhodes chords", "acid bass", "bell lead in F# minor"]


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    with FrontEnd(tmp_path_factory.mktemp("project")) as front:
        for model in ("fake", "sketch"):
            assert isinstance(front.end_of(front.render("drums", model=model)), Done)
        yield front


def made_with(front, number: int) -> str:
    """Start a job of one of the models; the fake is slow, so that a cancel always meets it."""
    if number % 2:
        return front.render("slow")
    return front.render(PROMPTS[number % len(PROMPTS)], model="sketch", bars=4, takes=2)


@pytest.mark.hold(17)
def test_jobs_cancelled_at_random_moments_end_quickly_and_leave_nothing(front, hold):
    count, dice, waits = hold.count(16, 1_000), hold.dice(), []
    kept = 0
    for number in range(count):
        job = made_with(front, number)
        threading.Event().wait(dice.uniform(0, 0.3))
        began = time.perf_counter()
        front.client.cancel(job)
        end = front.end_of(job)
        if isinstance(end, Cancelled):
            waits.append(time.perf_counter() - began)
        else:
            kept += 1
    worst_ms, whole = max(waits) * 1_000, whole_clips(front.project)
    p99_ms = sorted(waits)[int(0.99 * len(waits))] * 1_000
    figure = f"{count:,} jobs cancelled, {kept} of them done before; answered within {p99_ms:.0f} "
    hold.figure(17, f"{figure}ms (p99), at most {worst_ms:.0f} ms; {whole} clips, all whole")
    assert parts(front.project) == []
    assert front.exits == []
    assert hold.is_short or p99_ms < 100


@pytest.mark.hold(18)
def test_the_engine_does_not_grow_however_many_loops_it_makes(front, hold):
    """Each loop has another seed, but one length: numpy keeps what it prepared for 16 of them."""
    count, engine = hold.count(12, 1_000), psutil.Process(front.engine_pid())
    # Until caches are full, and the engine remembers as many ended jobs as it ever does.
    warm_up = hold.count(18, REMEMBERED_JOBS)
    at_first = {}
    for number in range(warm_up + count):
        if number == warm_up:
            at_first = measured(engine)
        model = "fake" if number % 6 else "sketch"
        job = front.render("drums and bass", model=model, bars=1, bpm=120, seed=number)
        assert isinstance(front.end_of(job), Done)
    at_last = measured(engine)
    grown = at_last["rss"] / at_first["rss"] - 1
    figure = f"{count:,} loops: memory {grown:+.1%}, files {at_first['files']} then "
    figure += f"{at_last['files']}, threads {at_first['threads']} then {at_last['threads']}"
    hold.figure(18, figure)
    assert at_last["files"] == at_first["files"]
    assert at_last["threads"] == at_first["threads"]
    assert grown < (0.01 if count >= 1_000 else 0.05)  # caches are not full yet in a short run


def measured(process: psutil.Process) -> dict[str, int]:
    """Return what may not grow: bytes of memory, open files and threads."""
    files = process.num_fds() if os.name == "posix" else process.num_handles()
    return {
        "rss": process.memory_info().rss, "files": files, "threads": process.num_threads()
    }  # fmt: skip


@pytest.mark.hold(19)
def test_the_same_request_makes_the_same_samples_in_every_engine(front, tmp_path, hold):
    count = hold.count(2, 100)
    with FrontEnd(tmp_path / "again") as other:
        same = sum(
            samples_of(front, number) == samples_of(other, number) for number in range(count)
        )
    hold.figure(19, f"{count} requests made by two engines: {same} the same, bit for bit")
    assert same == count


def samples_of(front, number: int) -> str:
    prompt = PROMPTS[number % len(PROMPTS)]
    end = front.end_of(front.render(prompt, model="sketch", bars=1, seed=number, bpm=93.5))
    (path,) = front.project.glob(f"*{end.clips[0]}.wav")
    with contextlib.closing(soundfile.SoundFile(path)) as file:
        return hashlib.sha256(file.read(dtype="float64").tobytes()).hexdigest()
