import dataclasses

import pytest
import torch

from engine.generators.latent_diffusion.blend import blended, spherical
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import PipelineRequest

ONE, OTHER = "warm pads", "a fast and hard drum break"
STATES, MASK = "encoder_hidden_states_1", "encoder_attention_mask_1"
ORDER = PipelineRequest(
    prompts=(ONE,), negatives=("hiss",), seeds=(3,), latent_frames=8, steps=3, guidance=2.5
)


def no_report(_fraction, _stage):
    """Take no notice."""


def noise(seed):
    return torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(seed))


def test_interpolated_noise_keeps_its_strength():
    first, second = (
        torch.randn(1, 40_000, generator=torch.Generator().manual_seed(s)) for s in (1, 2)
    )
    for amount in (0.25, 0.5, 0.75):
        assert spherical(first, second, amount).std() == pytest.approx(1, abs=0.02)
    middle = spherical(first, second, 0.5)
    cosines = [torch.cosine_similarity(middle, each).item() for each in (first, second)]
    assert cosines == pytest.approx([0.5**0.5] * 2, abs=0.02)


def test_the_endpoints_of_an_interpolation_are_its_inputs():
    assert torch.equal(spherical(noise(1), noise(2), 0), noise(1))
    assert torch.equal(spherical(noise(1), noise(2), 1), noise(2))


def test_interpolating_equal_values_gives_that_value():
    assert (spherical(noise(1), noise(1), 0.4) - noise(1)).abs().max() < 1e-6


def test_interpolating_opposites_gives_no_nan():
    assert spherical(noise(1), -noise(1), 0.5).isfinite().all()


@torch.inference_mode()
@pytest.mark.parametrize("family", ["musicldm", "audioldm2"])
@pytest.mark.parametrize(("amount", "prompt"), [(0.0, ONE), (1.0, OTHER)])
def test_at_its_ends_a_blend_is_one_of_the_prompts(pipelines, family, amount, prompt):
    pipeline = pipelines[family]
    mixed = dataclasses.replace(ORDER, toward=(OTHER, amount))
    alone = dataclasses.replace(ORDER, prompts=(prompt,))
    found, expected = (pipeline.latents(order, no_report) for order in (mixed, alone))
    assert (found - expected).abs().max() < 1e-5


@pytest.mark.parametrize("family", ["musicldm", "audioldm2"])
def test_between_its_ends_a_blend_is_neither_prompt(pipelines, family):
    sounds = [
        pipelines[family].latents(dataclasses.replace(ORDER, toward=(OTHER, amount)), no_report)
        for amount in (0.0, 0.5, 1.0)
    ]
    assert (sounds[0] - sounds[1]).abs().max() > 1e-4
    assert (sounds[2] - sounds[1]).abs().max() > 1e-4


@torch.inference_mode()
def test_a_blend_keeps_the_length_of_the_clap_vector(pipelines):
    family = pipelines["musicldm"].family
    first, second = (family.embed([text], [""], Speech())[0] for text in (ONE, OTHER))
    assert blended(first, second, 0.3)["class_labels"].norm() == pytest.approx(1, abs=1e-5)


@torch.inference_mode()
def test_a_blend_attends_to_the_tokens_of_both_prompts_by_share(pipelines):
    family = pipelines["audioldm2"].family
    first, second = (family.embed([text], [""], Speech())[0] for text in (ONE, OTHER))
    mixed = blended(first, second, 0.25)
    short = first[MASK].shape[1]
    assert torch.equal(mixed[MASK], second[MASK])
    assert (mixed[STATES][:, short:] - 0.25 * second[STATES][:, short:]).abs().max() < 1e-6
    begin = torch.lerp(first[STATES], second[STATES][:, :short], 0.25)
    assert (mixed[STATES][:, :short] - begin).abs().max() < 1e-6
