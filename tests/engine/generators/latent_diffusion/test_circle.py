"""On a circle, turning what goes in turns what comes out, and nothing else."""

import dataclasses

import pytest
import torch

from engine.generators.latent_diffusion.circular import circular_padding
from engine.generators.latent_diffusion.decode import (
    context_frames,
    frame_samples,
    mel_of,
    waveform_of,
)
from engine.generators.latent_diffusion.pipeline import PipelineRequest

ORDER = PipelineRequest(
    prompts=("dusty drums",), negatives=("",), seeds=(3,), latent_frames=32, steps=2, guidance=1.0
)
ROUNDING = 1e-5
FAMILIES = ["musicldm", "audioldm2"]


def no_report(*_anything):
    """Take no notice."""


def latents(pipeline, frames=32, seed=0):
    shape = (1, pipeline.parts.unet.config.in_channels, frames, 16)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def shift_error(function, noise, shift, factor=1, axis=2):
    """Return how much turning the input differs from turning the output, to the output's peak."""
    straight = function(noise)
    turned = function(noise.roll(shift, 2))
    return (
        (turned - straight.roll(shift * factor, axis)).abs().max() / straight.abs().max()
    ).item()


@pytest.fixture(params=FAMILIES)
def pipeline(request, pipelines):
    return pipelines[request.param]


def unet(pipeline):
    positive, _ = pipeline.family.embed(ORDER.prompts, ORDER.negatives, ORDER.speech)
    conditions = {"encoder_hidden_states": None, **positive}

    @torch.inference_mode()
    def run(noise):
        return pipeline.parts.unet(noise, torch.tensor(500), **conditions, return_dict=False)[0]

    return run


@pytest.mark.parametrize("shift", [8, 24])
def test_rotating_the_noise_rotates_the_unet_output(pipeline, shift):
    with circular_padding(pipeline.parts.unet):
        assert shift_error(unet(pipeline), latents(pipeline), shift) < ROUNDING


def test_without_circular_padding_the_unet_knows_the_ends(pipeline):
    assert shift_error(unet(pipeline), latents(pipeline), 8) > 0.01


@torch.inference_mode()
def test_rotating_latents_by_one_frame_rotates_the_mel_by_four(pipeline):
    vae = pipeline.parts.vae
    with circular_padding(vae.decoder):
        error = shift_error(lambda z: mel_of(vae, z), latents(pipeline), 1, factor=4, axis=1)
    assert error < ROUNDING
    assert shift_error(lambda z: mel_of(vae, z), latents(pipeline), 1, factor=4, axis=1) > 0.01


@torch.inference_mode()
def test_rotating_the_mel_rotates_the_audio(pipeline):
    vocoder = pipeline.parts.vocoder
    mel = torch.randn(1, 96, 64, generator=torch.Generator().manual_seed(1))
    straight = waveform_of(vocoder, mel, closed=True, report=no_report)
    turned = waveform_of(vocoder, mel.roll(7, 1), closed=True, report=no_report)
    assert straight.shape == (1, 96 * frame_samples(vocoder))
    assert (turned - straight.roll(7 * 160, 1)).abs().max() < ROUNDING


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("chunk_frames", [(7, 7), (5, 50)])
@torch.inference_mode()
def test_the_audio_does_not_depend_on_the_chunks(pipeline, closed, chunk_frames):
    vocoder = pipeline.parts.vocoder
    mel = torch.randn(2, 60, 64, generator=torch.Generator().manual_seed(1))
    whole = waveform_of(vocoder, mel, closed=closed, report=no_report, chunk_frames=(60, 60))
    parts = waveform_of(vocoder, mel, closed=closed, report=no_report, chunk_frames=chunk_frames)
    assert (whole - parts).abs().max() < ROUNDING


@torch.inference_mode()
def test_the_context_covers_the_vocoders_receptive_field_and_little_more(pipeline):
    vocoder = pipeline.parts.vocoder
    reach = context_frames(vocoder)
    mel = torch.randn(1, 4 * reach, 64, generator=torch.Generator().manual_seed(1))
    other = mel.clone()
    other[:, 2 * reach] += 1.0
    heard = (vocoder(mel) - vocoder(other)).abs()[0].nonzero()
    before = 2 * reach - heard.min().item() / 160
    behind = heard.max().item() / 160 - 2 * reach - 1
    assert reach - 3 < before <= reach
    assert reach - 3 < behind <= reach


def test_a_closed_loop_has_no_seam(pipeline):
    loop = pipeline.waveforms(ORDER, no_report)[0]
    steps = (loop.roll(-1) - loop).abs()
    assert steps[-1] <= steps[:-1].max()


def test_rotated_noise_makes_the_same_loop_rotated(pipeline):
    noise = latents(pipeline)
    straight = pipeline.waveforms(dataclasses.replace(ORDER, latents=noise), no_report)
    turned = pipeline.waveforms(dataclasses.replace(ORDER, latents=noise.roll(8, 2)), no_report)
    assert (turned - straight.roll(8 * 640, 1)).abs().max() < 1e-4


def test_circular_padding_can_be_removed_again(pipeline):
    opened = dataclasses.replace(ORDER, closed=False)
    before = pipeline.waveforms(opened, no_report)
    closed = pipeline.waveforms(ORDER, no_report)
    assert torch.equal(pipeline.waveforms(opened, no_report), before)
    assert (closed - before).abs().max() > 0.01
