"""Jobs of a tiny checkpoint through the worker, with real files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.jobs import JobQueue
from engine.loops.request import LoopRequest
from engine.loops.wav import read_recipe
from engine.models.catalogue import built_in_catalogue
from engine.models.store import ModelStore
from engine.protocol import Cancelled, Done, Failed, Render, TakeReady
from engine.worker import Worker

ASKED = {"bars": 1, "bpm": 200.0, "steps": 3, "seed": 5}


@pytest.fixture
def render(folders, tmp_path, monkeypatch):
    """Return a function that runs one job and returns its clips."""
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))

    def run(path="", **fields):
        events = []

        def note(event):
            events.append(event)
            if isinstance(event, Done | Failed | Cancelled):
                jobs.close()

        jobs = JobQueue(note)
        request = LoopRequest(**{"model": str(folders["musicldm"])} | fields)
        jobs.add(Render("0", request, str(tmp_path / "project"), str(path)))
        Worker(jobs, ModelStore(built_in_catalogue()), note).run()
        assert isinstance(events[-1], Done), events[-1]
        return [event.clip for event in events if isinstance(event, TakeReady)]

    return run


def sound(clip):
    return soundfile.read(clip.path)[0]


def test_a_variation_by_nothing_is_the_clip_that_it_varies(render):
    (clip,) = render(prompt="a (warm:1.4) pad", toward="rain", **ASKED)
    varied = {"source": clip.path, "mode": "vary", "seed": 9}
    (same,) = render(clip.path, **varied | {"amount": 0.0})
    (other,) = render(clip.path, **varied | {"amount": 0.6})
    assert np.array_equal(sound(same), sound(clip))
    assert not np.array_equal(sound(other), sound(clip))
    recipe = read_recipe(Path(other.path))
    assert (recipe.request.source, recipe.request.mode) == (clip.id, "vary")


def test_the_recipe_of_a_blend_makes_its_clip_and_its_latents_again(render):
    asked = {"prompt": "a (warm:1.4) pad", "also": ("bell",), "toward": "(rain:0.5)"}
    *_, clip = render(**asked, toward_amount=0.3, keep_latents=True, takes=2, **ASKED)
    request = read_recipe(Path(clip.path)).request
    (again,) = render(**{name: getattr(request, name) for name in request.__struct_fields__})
    assert request.prompt == "bell"
    assert np.array_equal(sound(again), sound(clip))
    latents = [np.load(each.latents, allow_pickle=False) for each in (clip, again)]
    assert np.array_equal(*latents)
    assert latents[0].dtype == np.float32
