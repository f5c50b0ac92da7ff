"""A real model is cancelled in each stage of a job: nothing more is computed, nothing is left."""

import contextlib
import functools

import pytest
import safetensors

from engine.generators.interface import JobCancelled
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.generators.musicgen.generator import MusicGenGenerator
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.models.store import ModelStore
from engine.protocol import Cancelled, Done, Progress, Render
from engine.server.queue import JobQueue
from engine.server.worker import Worker
from tests.fakes.generators import FAKES
from tests.fakes.tiny_checkpoints import write_musicgen, write_musicldm

pytestmark = pytest.mark.slow

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
FAMILIES = {
    "musicldm": (write_musicldm, LatentDiffusionGenerator),
    "musicgen": (write_musicgen, MusicGenGenerator),
}
STAGES = {
    "musicldm": ("loading", "encoding the prompt", "denoising", "decoding"),
    "musicgen": ("loading", "encoding the prompt", "preparing the model", "generating", "decoding"),
}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def folder(family, tmp_path_factory):
    """A tiny checkpoint."""
    return FAMILIES[family][0](tmp_path_factory.mktemp("models") / family)


class Countdown:
    """A check that cancels at its last call, and counts further ones."""

    def __init__(self, calls):
        self.left = calls

    def __call__(self):
        self.left -= 1
        if self.left <= 0:
            raise JobCancelled


def test_loading_ends_between_two_tensors_and_can_be_repeated(family, folder):
    load = functools.partial(FAMILIES[family][1], folder, FACTS, device="cpu", dtype="float32")
    uncancelled = Countdown(10**9)
    load(check=uncancelled)
    checks = 10**9 - uncancelled.left
    assert checks > tensors_in(folder)
    for calls in (checks // 3, 2 * checks // 3):
        check = Countdown(calls)
        with pytest.raises(JobCancelled):
            load(check=check)
        assert -5 < check.left <= 0  # the library tidies up with an operation or two
    load()


def tensors_in(folder):
    count = 0
    for path in folder.rglob("*.safetensors"):
        with safetensors.safe_open(path, "pt") as file:
            count += len(file.keys())
    return count


def test_a_job_ends_in_each_stage_before_the_next_layer(family, folder, tmp_path, tmp_path_factory):
    jobs, events, computed = None, [], []
    stages = [*STAGES[family], ""]  # the last job is not cancelled

    def note(event):
        events.append(event)
        is_progress = isinstance(event, Progress)
        if is_progress and stages[0] and event.stage.startswith(stages[0]):
            computed.clear()
            jobs.cancel(event.id)
        if isinstance(event, Cancelled | Done):
            assert type(event) is (Cancelled if stages[0] else Done), stages[0]
            assert not stages[0] or computed == [], stages[0]
            if stages.pop(0) == "":
                jobs.close()
            else:
                assert list(tmp_path.iterdir()) == []
                jobs.add(job(len(stages)))

    def job(number):
        request = LoopRequest(prompt="tone", model=str(folder), seconds=1.0, seed=1, steps=2)
        if family == "musicgen":
            request = LoopRequest(prompt="tone", model=str(folder), seconds=1.0, seed=1)
        return Render(str(number), request, str(tmp_path))

    jobs = JobQueue(note)
    jobs.add(job(0))
    with contextlib.closing(Hook(computed)):
        Worker(jobs, ModelStore(FAKES, tmp_path_factory.mktemp("store")), note).run()
    assert stages == []
    assert len(list(tmp_path.glob("*.wav"))) == 1


class Hook:
    """Notes each layer of torch that has computed."""

    def __init__(self, computed):
        from torch.nn.modules.module import register_module_forward_hook

        def note(layer, _inputs, _outputs):
            if next(layer.children(), None) is None:
                computed.append(type(layer).__name__)

        self._handle = register_module_forward_hook(note)

    def close(self):
        """End it."""
        self._handle.remove()
