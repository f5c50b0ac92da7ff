"""The same weights, seed and settings give the sound of the library's own pipelines."""

import dataclasses
import warnings

import pytest
import torch

from engine.generators.stable_audio.pipeline import Kept, PipelineRequest
from engine.loops.cancel import RepeatableReport
from tests.fakes.random_stable_audio import OPEN_TINY, cosine_schedule, open_parts

LATENTS, HOP, RATE = 12, 4096, 44_100
SECONDS = LATENTS * HOP / RATE
PROMPT, NEGATIVE = "warm pad, 120 bpm", "harsh noise"


def no_report(_fraction, _stage):
    """Take no notice."""


@pytest.fixture(scope="module")
def upstream(stable_audio_folder):
    """Return the library's pipeline of a kind: for text, audio-to-audio or inpainting."""
    from diffusers import (
        StableAudio3AudioToAudioPipeline,
        StableAudio3InpaintPipeline,
        StableAudio3Pipeline,
    )
    from diffusers.utils.logging import disable_progress_bar

    disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        text = StableAudio3Pipeline.from_pretrained(stable_audio_folder)
    kinds = {"vary": StableAudio3AudioToAudioPipeline, "redo": StableAudio3InpaintPipeline}
    found = {"text": text, **{name: cls(**text.components) for name, cls in kinds.items()}}
    for each in found.values():
        each.set_progress_bar_config(disable=True)
    return found


def sound_of(pipeline, **asked):
    report = RepeatableReport(no_report, "")
    usual = {
        "prompt": PROMPT, "seeds": (7,), "latents": LATENTS, "seconds": SECONDS,
        "closed": False, "sampler": "ping-pong", "steps": 4, "guidance": 1.0,
    }  # fmt: skip
    latents = pipeline.latents(PipelineRequest(**usual | asked), report)
    return pipeline.decode(latents, closed=False, report=report, on_piece=None).clamp(-1, 1)


def theirs(upstream, kind="text", **asked):
    usual = {"prompt": PROMPT, "duration": SECONDS, "num_inference_steps": 4}
    generator = torch.Generator().manual_seed(7)
    return upstream[kind](**usual | asked, generator=[generator]).audios


def assert_close(ours, other):
    samples = other.shape[-1]
    assert other.abs().max() > 0.05
    assert (ours[..., :samples] - other).abs().max() < 1e-4


def source():
    generator = torch.Generator().manual_seed(3)
    return 0.3 * torch.randn(1, 2, LATENTS * HOP, generator=generator)


def test_text(pipeline, upstream):
    assert_close(sound_of(pipeline), theirs(upstream))


def test_text_with_a_negative_prompt_and_guidance(pipeline, upstream):
    ours = sound_of(pipeline, negative=NEGATIVE, guidance=3.0)
    other = theirs(upstream, negative_prompt=NEGATIVE, guidance_scale=3.0)
    assert_close(ours, other)
    assert (ours - sound_of(pipeline)).abs().max() > 1e-4


def test_the_straight_sampler_of_base_checkpoints(pipeline, upstream):
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import (
        FlowMatchEulerDiscreteScheduler,
    )

    straight = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, stochastic_sampling=False)
    text = upstream["text"]
    base = {"text": type(text)(**text.components | {"scheduler": straight})}
    base["text"].set_progress_bar_config(disable=True)
    assert_close(sound_of(pipeline, sampler="euler"), theirs(base))


@pytest.mark.parametrize("level", [0.3, 0.8])
def test_audio_to_audio(pipeline, upstream, level):
    latents = pipeline.encode(source()[0], RepeatableReport(no_report, ""))
    ours = sound_of(pipeline, source=latents, amount=level)
    assert_close(ours, theirs(upstream, "vary", audio=source(), init_noise_level=level))


def test_inpainting(pipeline, upstream):
    mask = torch.ones(LATENTS)
    mask[4:8] = 0
    latents = pipeline.encode(source()[0], RepeatableReport(no_report, ""))
    ours = sound_of(pipeline, kept=Kept(latents=latents, mask=mask))
    assert_close(ours, theirs(upstream, "redo", audio=source(), mask=mask[None, None]))
    assert (ours - sound_of(pipeline)).abs().max() > 1e-4


@pytest.fixture(scope="module")
def upstream_open():
    """Return the library's pipeline; its schedule draws noise from the seed as ours does."""
    from diffusers import StableAudioPipeline

    cosine = cosine_schedule()

    class Schedule(cosine):
        def set_timesteps(self, *args, **kwargs):
            super().set_timesteps(*args, **kwargs)
            self.noise_sampler = self.noise

        def noise(self, _level, _following):
            return torch.randn(self.shape, generator=self.generator)[None]

        def step(self, model_output, timestep, sample, generator=None, **kwargs):
            (self.generator,), self.shape = generator, sample.shape[1:]
            return super().step(model_output, timestep, sample, **kwargs)

    short = dataclasses.replace(OPEN_TINY, longest=24)  # It always makes its longest.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        found = StableAudioPipeline(**open_parts(short) | {"scheduler": Schedule()})
    found.set_progress_bar_config(disable=True)
    return found


@pytest.mark.parametrize("negative", [None, NEGATIVE])
def test_text_of_stable_audio_open(open_pipeline, upstream_open, negative):
    ours = sound_of(
        open_pipeline, negative=negative, guidance=7.0, sampler="dpm++-2m-sde",
        latents=24, seconds=1.0,
    )  # fmt: skip
    other = upstream_open(
        PROMPT, audio_end_in_s=1.0, num_inference_steps=4, guidance_scale=7.0,
        negative_prompt=negative, generator=[torch.Generator().manual_seed(7)],
    ).audios  # fmt: skip
    assert_close(ours, other.clamp(-1, 1))
