"""Same weights, same seed, same settings: our waveform is the one of the libraries' pipelines."""

import dataclasses

import pytest
import torch

from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import PipelineRequest
from engine.generators.latent_diffusion.schedulers import make_scheduler
from tests.engine.generators.latent_diffusion.upstream import (
    run_upstream,
    upstream_audioldm2,
    upstream_musicldm,
)

TOLERANCE = 1e-4
ORDER = PipelineRequest(
    prompts=("melodic techno with a fast beat",),
    negatives=("low quality",),
    seeds=(11,),
    latent_frames=16,
    closed=False,
    steps=4,
    guidance=2.5,
    scheduler="ddim",
)
CASES = {
    "guided": ORDER,
    "not guided": dataclasses.replace(ORDER, guidance=1.0),
    "no negative prompt": dataclasses.replace(ORDER, negatives=("",)),
    "no negative prompt, the default scheduler": dataclasses.replace(
        ORDER, negatives=("",), scheduler=None, steps=6
    ),
    "fresh noise in each step": dataclasses.replace(ORDER, eta=0.7),
    "three takes": dataclasses.replace(ORDER, seeds=(1, 2, 3)),
    "a length that does not halve": dataclasses.replace(ORDER, latent_frames=13),
    "two prompts of two takes": dataclasses.replace(
        ORDER,
        prompts=("warm pads", "a fast and hard drum break"),
        negatives=("hiss", "low quality"),
        seeds=(5, 6, 7, 8),
    ),
} | {
    name: dataclasses.replace(ORDER, scheduler=name, steps=6, seeds=(3, 4))
    for name in ("pndm", "lms", "euler", "euler-ancestral", "heun", "dpm++-2m", "unipc", "deis")
}


def no_report(_fraction, _stage):
    """Take no notice."""


@pytest.fixture(scope="module")
def upstream(folders):
    return {
        "musicldm": upstream_musicldm(folders["musicldm"]),
        "audioldm2": upstream_audioldm2(folders["audioldm2"]),
        "speech": upstream_audioldm2(folders["speech"]),
    }


def difference(pipeline, pipe, order, **more):
    pipe.scheduler = make_scheduler(order.scheduler, dict(pipe.scheduler.config), [])
    clock = pipeline.clock
    theirs = run_upstream(
        pipe,
        prompts=order.prompts,
        negatives=order.negatives,
        seeds=order.seeds,
        seconds=order.latent_frames * clock.frame_samples / clock.rate,
        steps=order.steps,
        guidance=order.guidance,
        eta=order.eta,
        **more,
    )
    ours = pipeline.waveforms(order, no_report)
    assert ours.shape == theirs.shape
    assert theirs.abs().max() > 0.05  # Silence would equal silence.
    return (ours - theirs).abs().max().item()


@pytest.mark.parametrize("family", ["musicldm", "audioldm2"])
@pytest.mark.parametrize("case", CASES)
def test_the_waveform_matches_the_upstream_pipeline(pipelines, upstream, family, case):
    assert difference(pipelines[family], upstream[family], CASES[case]) < TOLERANCE


@pytest.mark.parametrize("guidance", [1.0, 3.5])
def test_speech_matches_the_upstream_pipeline(pipelines, upstream, guidance):
    order = dataclasses.replace(
        ORDER, guidance=guidance, speech=Speech("good day to you", max_new_tokens=5)
    )
    more = {"transcription": ["good day to you"], "max_new_tokens": 5}
    assert difference(pipelines["speech"], upstream["speech"], order, **more) < TOLERANCE


def test_the_latents_match_the_upstream_pipeline(pipelines, upstream):
    other = pipelines["musicldm"].latents(ORDER, no_report)
    pipe = upstream["musicldm"]
    pipe.scheduler = make_scheduler("ddim", dict(pipe.scheduler.config), [])
    generator = torch.Generator().manual_seed(11)
    from tests.engine.generators.latent_diffusion.upstream import musicldm_embeds, quiet_upstream

    with quiet_upstream():
        theirs = pipe(
            prompt_embeds=musicldm_embeds(pipe, list(ORDER.prompts)),
            negative_prompt_embeds=musicldm_embeds(pipe, list(ORDER.negatives)),
            audio_length_in_s=0.64,
            num_inference_steps=4,
            guidance_scale=2.5,
            generator=generator,
            output_type="latent",
        ).audios
    assert (other - theirs).abs().max() < TOLERANCE
