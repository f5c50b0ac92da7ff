"""Jobs of a tiny checkpoint through the worker, with real files."""

import itertools
import json
import queue
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.models.catalogue import built_in_catalogue
from engine.models.store import ModelStore
from engine.protocol import Cancelled, Done, Failed, Render, TakeReady
from engine.server.queue import JobQueue
from engine.server.worker import Worker

ASKED = {"bars": 1, "bpm": 400.0, "steps": 3, "seed": 5}


@pytest.fixture(scope="module")
def events_of(tmp_path_factory):
    """Return a function that runs a job and returns its events; the model stays loaded."""
    events = queue.SimpleQueue()
    jobs = JobQueue(events.put)
    store = ModelStore(built_in_catalogue(), tmp_path_factory.mktemp("models"))
    worker = threading.Thread(target=Worker(jobs, store, events.put).run, daemon=True)
    worker.start()
    numbers = itertools.count()

    def run(request, project, path, other):
        jobs.add(Render(str(next(numbers)), request, str(project), str(path), str(other)))
        found = [events.get()]
        while not isinstance(found[-1], Done | Failed | Cancelled):
            found.append(events.get())
        return found

    yield run
    jobs.close()
    worker.join()


@pytest.fixture
def render(events_of, folders, tmp_path):
    """Return a function that runs one job and returns its clips."""

    def run(path="", other="", **fields):
        request = LoopRequest(**{"model": str(folders["musicldm"])} | fields)
        events = events_of(request, tmp_path / "project", path, other)
        assert isinstance(events[-1], Done), events[-1]
        return [event.clip for event in events if isinstance(event, TakeReady)]

    return run


def sound(clip):
    return soundfile.read(clip.path)[0]


def fields_of(request):
    return {name: getattr(request, name) for name in request.__struct_fields__}


def test_a_variation_of_amount_zero_is_the_same_clip(render):
    (clip,) = render(prompt="a (warm:1.4) pad", toward="rain", **ASKED)
    varied = {"source": clip.path, "mode": "vary", "seed": 9}
    (same,) = render(clip.path, **varied | {"amount": 0.0})
    (other,) = render(clip.path, **varied | {"amount": 0.6})
    assert np.array_equal(sound(same), sound(clip))
    assert not np.array_equal(sound(other), sound(clip))
    recipe = read_recipe(Path(other.path))
    assert (recipe.request.source, recipe.request.mode) == (clip.id, "vary")


def test_a_latent_blend_is_named_after_its_sources_and_all_its_takes_are_equal(render):
    one, other = (render(prompt=prompt, **ASKED)[0] for prompt in ("warm pad", "rain"))
    request_fields = {
        "source": "a",
        "mode": "blend",
        "with_source": "b",
        "blend_in": "latents",
        "seed": 1,
    }
    (mixed,) = render(one.path, other.path, **request_fields, takes=3)
    (again,) = render(one.path, other.path, **request_fields | {"seed": 2})
    (more,) = render(one.path, other.path, **request_fields, amount=0.9)
    assert np.array_equal(sound(mixed), sound(again))
    assert not np.array_equal(sound(mixed), sound(more))
    recipe = read_recipe(Path(mixed.path))
    assert (recipe.title, recipe.grid.bpm) == ("warm pad + rain", 400.0)
    assert (recipe.request.source, recipe.request.with_source) == (one.id, other.id)
    assert "re-noised by 0%" in recipe.understood


def test_renoising_blends_both_prompts_unless_one_is_given(render):
    one, other = (render(prompt=prompt, **ASKED)[0] for prompt in ("warm pad", "rain"))
    request_fields = {
        "source": "a",
        "mode": "blend",
        "with_source": "b",
        "renoise": 0.7,
        "amount": 0.3,
    }
    takes = render(one.path, other.path, **request_fields, steps=3, seed=1, takes=2)
    assert len(takes) == 2
    assert not np.array_equal(*map(sound, takes))
    request = read_recipe(Path(takes[0].path)).request
    assert (request.prompt, request.toward, request.toward_amount) == ("warm pad", "rain", 0.3)
    (again,) = render(one.path, other.path, **fields_of(request))
    assert np.array_equal(sound(again), sound(takes[0]))
    assert again.title == takes[0].title == "warm pad + rain"
    (named,) = render(one.path, other.path, **request_fields, steps=3, seed=1, prompt="bells")
    request = read_recipe(Path(named.path)).request
    assert (request.prompt, request.toward) == ("bells", None)


def test_the_recipe_of_a_blend_reproduces_its_clip_and_latents(render):
    request_fields = {"prompt": "a (warm:1.4) pad", "also": ("bell",), "toward": "(rain:0.5)"}
    *_, clip = render(**request_fields, toward_amount=0.3, keep_latents=True, takes=2, **ASKED)
    request = read_recipe(Path(clip.path)).request
    (again,) = render(**fields_of(request))
    assert request.prompt == "bell"
    assert np.array_equal(sound(again), sound(clip))
    latents = [np.load(each.latents, allow_pickle=False) for each in (clip, again)]
    assert np.array_equal(*latents)
    assert latents[0].dtype == np.float32


CLAP_FAULTS = {
    "other bins than the model has": {"feature_size": 32},
    "impossible frequencies": {"frequency_min": 20_000, "frequency_max": 50},
    "no length": {"nb_max_samples": 0, "max_length_s": 0},
}


@pytest.mark.parametrize("settings", CLAP_FAULTS.values(), ids=list(CLAP_FAULTS))
def test_a_failing_clap_loses_no_take_and_is_reported(
    render, folders, tmp_path, settings, expect_log
):
    expect_log("the takes are not compared with the prompt")
    if "frequency_min" in settings:
        expect_log("the settings of the feature extractor are impossible")
    folder = tmp_path / "checkpoint"
    shutil.copytree(folders["musicldm"], folder)
    path = folder / "feature_extractor" / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | settings), "utf-8")
    clips = render(model=str(folder), prompt="warm pad", **ASKED, takes=2)
    assert len(clips) == 2
    assert all("not compared with the prompt" in clip.recipe.badges for clip in clips)
    assert all(clip.recipe.scores.text_match is None for clip in clips)
