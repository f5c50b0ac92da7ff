import dataclasses

import pytest
import torch

from engine.generators.latent_diffusion.draft import reusing_depths
from engine.generators.latent_diffusion.pipeline import PipelineRequest
from tests.fakes.torch_threads import torch_threads

ORDER = PipelineRequest(
    prompts=("dusty drums",),
    negatives=("",),
    seeds=(3,),
    latent_frames=16,
    steps=10,
    guidance=3.0,
    draft=True,
)


def no_report(*_anything):
    """Take no notice."""


@pytest.fixture(params=["musicldm", "audioldm2"])
def pipeline(request, pipelines):
    return pipelines[request.param]


@pytest.fixture(autouse=True)
def whole_evaluations():
    """Do not divide an evaluation between threads, which would count as two."""
    with torch_threads(1):
        yield


def evaluations(pipeline, order):
    """Return the batch sizes that reach the UNet's first level and its middle."""
    shallow, middle = [], []
    unet = pipeline.parts.unet
    count = [
        unet.conv_in.register_forward_hook(lambda _m, given, _out: shallow.append(len(given[0]))),
        unet.mid_block.resnets[0].register_forward_hook(
            lambda _m, given, _out: middle.append(len(given[0]))
        ),
    ]
    try:
        pipeline.latents(order, no_report)
    finally:
        for handle in count:
            handle.remove()
    return shallow, middle


def test_every_second_evaluation_is_shallow_and_the_last_ones_are_unguided(pipeline):
    shallow, middle = evaluations(pipeline, ORDER)
    assert shallow == [2, 2, 2, 2, 2, 2, 1, 1, 1, 1]
    assert middle == [2, 2, 2, 1, 1]


def test_without_draft_every_evaluation_is_full(pipeline):
    shallow, middle = evaluations(pipeline, dataclasses.replace(ORDER, draft=False))
    assert shallow == middle == [2] * 10


def test_a_draft_is_close_to_the_full_result_but_not_equal(pipeline):
    draft = pipeline.latents(ORDER, no_report)
    whole = pipeline.latents(dataclasses.replace(ORDER, draft=False), no_report)
    likeness = torch.cosine_similarity(draft.flatten(), whole.flatten(), 0)
    assert 0.9 < likeness < 0.999999


def test_a_draft_leaves_the_model_unchanged(pipeline):
    whole = dataclasses.replace(ORDER, draft=False, steps=3)
    before = pipeline.latents(whole, no_report)
    pipeline.latents(ORDER, no_report)
    assert torch.equal(before, pipeline.latents(whole, no_report))


def test_a_draft_closes_its_loop(pipeline):
    shape = (1, 8, 16, 16)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    straight = pipeline.latents(dataclasses.replace(ORDER, latents=noise), no_report)
    turned = pipeline.latents(dataclasses.replace(ORDER, latents=noise.roll(8, 2)), no_report)
    assert (turned - straight.roll(8, 2)).abs().max() < 1e-5 * straight.abs().max()


def test_recomputing_the_deep_layers_every_time_changes_nothing(pipeline):
    unet = pipeline.parts.unet
    noise = torch.randn(1, 8, 16, 16, generator=torch.Generator().manual_seed(1))
    conditions, _ = pipeline.family.embed(ORDER.prompts, ORDER.negatives, ORDER.speech)

    @torch.inference_mode()
    def predict(noisy, timestep, **more):
        conditions = {"encoder_hidden_states": None, **more}
        return unet(noisy, timestep, **conditions, return_dict=False)[0]

    always = reusing_depths(unet, predict, every=1)
    for timestep in (900, 500):
        assert torch.equal(
            always(noise, timestep, **conditions), predict(noise, timestep, **conditions)
        )
