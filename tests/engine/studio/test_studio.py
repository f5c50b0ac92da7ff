"""A real studio on this machine, from the musician's side."""

from pathlib import Path

import pytest
import soundfile

from engine.entry_points import ENGINE_VARIABLE, module_command
from engine.loops.file_facts import read_recipe
from engine.protocol import Cancelled, Done, Failed, Progress, TakeReady
from tests.fakes.front_end import FAKE_ENGINE, FrontEnd
from tests.fakes.studio import needs_ray, running_studio

pytestmark = [needs_ray, pytest.mark.slow]
RELAY = module_command("engine.studio.relay")
DRUMS = {"prompt": "house drums", "model": "sketch", "seed": 7, "takes": 3, "bars": 1}
LONG = {"prompt": "house drums", "model": "sketch", "seed": 1, "bars": 256}


def clips_of(front, job) -> list[Path]:
    assert isinstance(front.end_of(job), Done), front.end_of(job)
    return [Path(each.clip.path) for each in front.events_of(job) if isinstance(each, TakeReady)]


def samples(path) -> bytes:
    return soundfile.read(path, dtype="float64")[0].tobytes()


@pytest.fixture
def patch(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        patch.setenv("OMP_NUM_THREADS", "1")  # as in the studio: rounding depends on it
        yield patch


def test_loops_come_from_a_studio_as_from_here(patch, tmp_path):
    """One test, since a studio takes seconds to start."""
    with running_studio(workers=2) as studio:
        patch.setenv(ENGINE_VARIABLE, studio.place)
        patch.setenv("RAY_AUTH_TOKEN_PATH", str(studio.token))
        with (
            FrontEnd(tmp_path / "there", RELAY) as there,
            FrontEnd(tmp_path / "here", FAKE_ENGINE) as here,
        ):
            takes_are_the_same_and_ranked(there, here)
            status_shows(studio, workers=2)
            a_cancel_ends_the_job(there)
            a_worker_that_dies_costs_nothing(studio, there)
        assert studio.token.read_text() not in "".join(
            " ".join(process.cmdline()) for process in studio.processes()
        )
        stranger_is_refused(patch, tmp_path)
    assert studio.processes() == []


def takes_are_the_same_and_ranked(there, here):
    one, other = there.render(**DRUMS), here.render(**DRUMS)
    for first, second in zip(clips_of(there, one), clips_of(here, other), strict=True):
        assert samples(first) == samples(second)
        made, expected = read_recipe(first), read_recipe(second)
        assert (made.request, made.scores) == (expected.request, expected.scores)
        assert (made.rank, made.take, made.asked_takes) == (
            expected.rank, expected.take, expected.asked_takes,
        )  # fmt: skip
    assert set(here.story(other)) <= set(there.story(one))


def status_shows(studio, workers):
    status = studio.status()
    assert len(status["boxes"]) == 1
    assert [each["model"] for each in status["workers"]] == ["sketch"] * workers
    assert sum(each["done"] for each in status["workers"]) == 3
    assert [each["jobs"] for each in status["musicians"]] == [0]


def a_cancel_ends_the_job(there):
    job = there.render(**LONG)
    there.first(Progress, job)
    there.client.cancel(job)
    assert isinstance(there.end_of(job), Cancelled)


def a_worker_that_dies_costs_nothing(studio, there):
    job = there.render(**LONG | {"bars": 8, "takes": 2})
    there.first(Progress, job)
    for process in studio.processes("ray::Worker"):
        process.kill()
    clips = clips_of(there, job)
    stages = [each.stage for each in there.events_of(job) if isinstance(each, Progress)]
    assert any("has stopped: its part is made elsewhere" in stage for stage in stages)
    assert len(set(clips)) == 2


def stranger_is_refused(patch, tmp_path):
    (tmp_path / "token").write_text("not the token of the studio, but as long")
    patch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    with FrontEnd(tmp_path / "stranger", RELAY) as stranger:
        failed = stranger.end_of(stranger.render(**DRUMS))
    assert isinstance(failed, Failed)
    assert "does not let this machine in" in failed.message


def test_a_studio_that_is_not_there_is_named(patch, tmp_path):
    patch.setenv(ENGINE_VARIABLE, "ray://127.0.0.1:1")
    with FrontEnd(tmp_path / "project", RELAY) as front:
        failed = front.end_of(front.render(**DRUMS))
    assert (failed.code, "127.0.0.1:1 cannot be reached (" in failed.message) == (503, True)
    assert "--engine local" in failed.message
