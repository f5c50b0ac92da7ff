"""How Stable Audio 3's transformer closes loops: a study, on random weights.

    python -m tests.engine.generators.stable_audio.closing_study tiny|small [--seeds N]

It knows where its latents begin and end, so something must let the end lead into the beginning.
Four ways are compared, `tiny` or in the published `small` shape: as it is; turned before each step,
as the product does it; three tied copies of which the middle one is kept; and made, turned by half,
with its join painted over. First, how much a prediction depends on where the loop begins, which on
a circle is not at all: by how much it changes if the latents are turned, at all places and at the
ends. Then, in how many percent of its places a loop changes less than at its seam, 50 where the
seam is a place like any other: of the latents, and of the sound by the second judge of seams.
Random weights show what positions do to an end, and nothing of music.
"""

import argparse
import dataclasses
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.craft.judge import change_at_the_seam
from engine.generators.closing import Predict, turned_each_step
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.noise import drawn_noise
from engine.generators.stable_audio.pipeline import Kept, Pipeline, PipelineRequest
from engine.generators.stable_audio.schedule import Denoising, denoise
from engine.loops.cancel import RepeatableReport
from tests.fakes.random_stable_audio import SMALL, TINY, stable_audio_parts

LATENTS = 43
"""Two bars at 120 BPM."""
_PAINTED = 4
"""Latents on each side of a join that is painted over."""
Way = Callable[[Pipeline, PipelineRequest], torch.Tensor]


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=["tiny", "small"])
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    pipeline = _pipeline(options.shape)
    for name, around in (("as it is", _as_it_is), ("three copies", _thrice)):
        sys.stdout.write(f"{name}: turned, it changes by {_changes(pipeline, around)}\n")
    for name, way in WAYS.items():
        began = time.process_time()
        latents = [way(pipeline, _request(pipeline, seed)) for seed in range(options.seeds)]
        seconds = (time.process_time() - began) / options.seeds
        in_latents = np.mean([_rank(each) for each in latents])
        heard = np.mean([_heard(pipeline, each) for each in latents])
        sys.stdout.write(
            f"{name}: {in_latents:.0f} % of latents, {heard:.0f} % heard, {seconds:.2f} s of CPU\n"
        )


def _pipeline(shape: str) -> Pipeline:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        parts = stable_audio_parts({"tiny": TINY, "small": SMALL}[shape])
    schedule = dict(parts.pop("scheduler").config)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(requires_grad=False)
    checkpoint = Checkpoint("StableAudio3Pipeline", parts, schedule)
    return Pipeline(checkpoint, torch.device("cpu"), torch.float32)


def _request(pipeline: Pipeline, seed: int) -> PipelineRequest:
    seconds = LATENTS * pipeline.autoencoder.hop / pipeline.autoencoder.rate
    return PipelineRequest(
        prompt="warm pad", seeds=(seed,), latents=LATENTS, seconds=seconds, sampler="ping-pong",
        steps=8, guidance=1.0,
    )  # fmt: skip


@torch.inference_mode()
def _denoised(
    pipeline: Pipeline, request: PipelineRequest, around: Callable[[Predict], Predict]
) -> torch.Tensor:
    generators = [torch.Generator().manual_seed(seed) for seed in request.seeds]
    noise = drawn_noise((pipeline.autoencoder.width, LATENTS), generators, torch.device("cpu"))
    levels = pipeline.family.levels(request.steps, 1.0)
    how = Denoising(sampler=request.sampler, levels=levels, generators=generators)
    return denoise(around(pipeline.predictor(request)), noise, how, lambda _done: None)


def _as_it_is(predict: Predict) -> Predict:
    return predict


def _thrice(predict: Predict) -> Predict:
    return lambda latents, level: predict(latents.repeat(1, 1, 3), level).chunk(3, dim=2)[1]


@torch.inference_mode()
def _changes(pipeline: Pipeline, around: Callable[[Predict], Predict], level: float = 0.5) -> str:
    predict = around(pipeline.predictor(_request(pipeline, 0)))
    generators = [torch.Generator().manual_seed(0)]
    noisy = drawn_noise((pipeline.autoencoder.width, LATENTS), generators, torch.device("cpu"))
    velocity = (noisy - predict(noisy, level)) / level
    found = []
    for places in (LATENTS // 6, LATENTS // 2):
        clean = predict(noisy.roll(places, dims=2), level).roll(-places, dims=2)
        change = ((noisy - clean) / level - velocity).norm(dim=1)[0]
        found.append(100 * change / velocity.norm(dim=1).mean())
    every = torch.stack(found).mean(dim=0)
    ends = torch.cat([every[:2], every[-2:]]).mean()
    return f"{every.mean():.1f} % on average, by {ends:.1f} % at the ends"


def _plain(pipeline: Pipeline, request: PipelineRequest) -> torch.Tensor:
    return _denoised(pipeline, request, _as_it_is)


def _turned(pipeline: Pipeline, request: PipelineRequest) -> torch.Tensor:
    return _denoised(pipeline, request, lambda predict: turned_each_step(predict, request.seeds))


def _copies(pipeline: Pipeline, request: PipelineRequest) -> torch.Tensor:
    return _denoised(pipeline, request, _thrice)


def _painted(pipeline: Pipeline, request: PipelineRequest) -> torch.Tensor:
    half = LATENTS // 2
    made = _plain(pipeline, request).roll(half, dims=2)
    mask = torch.ones(LATENTS)
    mask[half - _PAINTED : half + _PAINTED] = 0
    kept = dataclasses.replace(request, kept=Kept(latents=made, mask=mask))
    again = _denoised(pipeline, kept, _as_it_is)
    return torch.where(mask.bool(), made, again).roll(-half, dims=2)


WAYS: dict[str, Way] = {
    "as it is": _plain,
    "turned before each step": _turned,
    "three copies": _copies,
    "join painted over": _painted,
}


def _rank(latents: torch.Tensor) -> float:
    """Return in how many percent of their places latents change less than at the seam."""
    changes = (latents - latents.roll(1, dims=2)).norm(dim=1)[0]
    return float(100 * (changes[1:] < changes[0]).float().mean())


def _heard(pipeline: Pipeline, latents: torch.Tensor) -> float:
    report = RepeatableReport(lambda _fraction, _stage: None, "")
    sound = pipeline.decode(latents, closed=True, report=report, on_piece=None)
    return change_at_the_seam(sound[0].T.numpy(), pipeline.autoencoder.rate)


if __name__ == "__main__":
    main()
