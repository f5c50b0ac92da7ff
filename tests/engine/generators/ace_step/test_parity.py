"""The same weights, seed and settings give the sound of the library's own pipeline."""

import warnings

import pytest
import torch

from engine.generators.ace_step.pipeline import Context, PipelineRequest
from engine.generators.ace_step.wording import (
    COVER,
    FROM_TEXT,
    REPAINT,
    Wording,
    completing,
    extracting,
    playing,
)
from engine.loops.cancel import RepeatableReport

LATENTS, HOP, RATE = 25, 1920, 48_000
SECONDS = LATENTS * HOP / RATE
SAID = {"caption": "warm pad", "seconds": SECONDS, "bpm": 94, "key": "F# minor", "beats": 3}


def report():
    return RepeatableReport(lambda _fraction, _stage: None, "")


@pytest.fixture(scope="module")
def upstream(base_folder):
    """Return the library's pipeline; it takes the middle of what its encoder says, as ours does."""
    from diffusers import AceStepPipeline, AutoencoderOobleck

    class Middle(AutoencoderOobleck):
        def encode(self, sound):
            found = super().encode(sound)
            found.latent_dist.sample = found.latent_dist.mode
            return found

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        vae = Middle.from_pretrained(base_folder / "vae")
        found = AceStepPipeline.from_pretrained(base_folder, vae=vae)
    found.set_progress_bar_config(disable=True)
    return found


def ours(pipeline, told, **asked):
    request = {"told": told, "seeds": (7,), "latents": LATENTS, "closed": False, "steps": 3}
    latents = pipeline.latents(PipelineRequest(**request | asked), report())
    return pipeline.decode(latents, closed=False, report=report(), on_piece=None)


def theirs(upstream, **asked):
    usual = {
        "prompt": "warm pad", "lyrics": "[Instrumental]", "vocal_language": "unknown",
        "audio_duration": SECONDS, "num_inference_steps": 3, "guidance_scale": 1.0,
        "bpm": 94, "keyscale": "F# minor", "timesignature": "3",
    }  # fmt: skip
    return upstream(**usual | asked, generator=[torch.Generator().manual_seed(7)]).audios


def assert_close(ours, other):
    # Upstream brings its sound to one peak; craft does so here, to one loudness.
    peaks = other.abs().max() / ours.abs().max()
    assert ours.shape == other.shape
    assert (peaks * ours - other).abs().max() < 1e-4


def source():
    return 0.3 * torch.randn(2, LATENTS * HOP, generator=torch.Generator().manual_seed(3))


def test_text(pipeline, upstream):
    plain = ours(pipeline, Wording(**SAID))
    assert_close(plain, theirs(upstream))
    sung = Wording(**SAID | {"bpm": None, "lyrics": "la la\nla", "language": "de"})
    other = theirs(upstream, bpm=None, lyrics="la la\nla", vocal_language="de")
    assert_close(ours(pipeline, sung), other)


def test_guidance(pipeline, upstream):
    guided = ours(pipeline, Wording(**SAID), guidance=7.0)
    assert_close(guided, theirs(upstream, guidance_scale=7.0))


def test_repaint(pipeline, upstream):
    made = torch.zeros(LATENTS)
    made[10:20] = 1
    latents = pipeline.encode(source(), report())
    heard = torch.where(made > 0, pipeline.silence(LATENTS), latents)
    told = Wording(**SAID, task=REPAINT)
    new = ours(pipeline, told, context=Context(latents=heard, made=made), guidance=4.0)
    other = theirs(
        upstream, task_type="repaint", src_audio=source(), repainting_start=0.4,
        repainting_end=0.8, guidance_scale=4.0,
    )  # fmt: skip
    assert_close(new, other)


@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_cover(pipeline, upstream, strength):
    outline = pipeline.outlined(pipeline.encode(source(), report()))
    beside = None if strength == 1.0 else (Wording(**SAID, task=FROM_TEXT), strength)
    new = ours(
        pipeline, Wording(**SAID, task=COVER), beside=beside,
        context=Context(latents=outline, made=torch.ones(LATENTS)),
    )  # fmt: skip
    other = theirs(upstream, task_type="cover", src_audio=source(), audio_cover_strength=strength)
    assert_close(new, other)


@pytest.mark.parametrize(("task", "ours_is"), [("lego", playing), ("extract", extracting)])
@pytest.mark.parametrize("track", ["bass", None])
def test_a_track_for_a_source_and_out_of_it(pipeline, upstream, task, ours_is, track):
    heard = Context(latents=pipeline.encode(source(), report()), made=torch.ones(LATENTS))
    new = ours(pipeline, Wording(**SAID, task=ours_is(track)), context=heard)
    assert_close(new, theirs(upstream, task_type=task, src_audio=source(), track_name=track))


@pytest.mark.parametrize("tracks", [["drums", "bass"], []])
def test_several_tracks_for_a_source(pipeline, upstream, tracks):
    heard = Context(latents=pipeline.encode(source(), report()), made=torch.ones(LATENTS))
    new = ours(pipeline, Wording(**SAID, task=completing(tracks)), context=heard)
    other = theirs(
        upstream, task_type="complete", src_audio=source(), complete_track_classes=tracks
    )
    assert_close(new, other)
