"""How the transformers of sound models close loops: a study, on random weights.

    python -m tests.engine.generators.closing_study stable-audio|ace-step tiny|full [--seeds N]

They know where their latents begin and end, so something must let the end lead into the beginning.
Ways are compared, `tiny` or in the published shape: as it is; turned before each step; three tied
copies of which the middle one is kept; both, with the mean of the copies, as the product does it
where a loop of ACE-Step is too short; and made, turned by half, with its join painted over. First,
how much a prediction depends on where the loop begins, which on a circle is not at all: by how much
it changes if the latents are turned, at all places and at the ends. Then, in how many percent of
its places a loop changes less than at its seam, 50 where the seam is a place like any other: of the
latents, and of the sound by the second judge of seams. Random weights show what positions do to an
end, and nothing of music.
"""

import argparse
import itertools
import sys
import time
import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch

from benchmarks.craft.judge import change_at_the_seam
from benchmarks.full_checkpoints import checkpoint_folder
from engine.generators.ace_step import pipeline as ace_step
from engine.generators.ace_step.wording import Wording
from engine.generators.autoencoder import lighten
from engine.generators.closing import Predict, turned_each_step
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.noise import drawn_noise
from engine.generators.stable_audio import pipeline as stable_audio
from engine.generators.stable_audio.schedule import Denoising, denoise
from engine.loops.cancel import RepeatableReport
from tests.fakes.random_ace_step import TINY as TINY_ACE_STEP
from tests.fakes.random_ace_step import ace_step_parts
from tests.fakes.random_stable_audio import TINY as TINY_STABLE_AUDIO
from tests.fakes.random_stable_audio import stable_audio_parts

_PAINTED = 4
"""Latents on each side of a join that is painted over."""
_STEPS = 8
_CPU = torch.device("cpu")
Around = Callable[[Predict], Predict]
Kept = tuple[torch.Tensor, torch.Tensor]
"""Latents, (1, width, latents), and 1 for each that stays, (latents,)."""


class Model(Protocol):
    """A model under study: a loop of `latents`, two bars at 120 BPM."""

    pipeline: ace_step.Pipeline | stable_audio.Pipeline
    latents: int

    def velocity(self, kept: Kept | None = None) -> Predict:
        """Return what predicts noise minus clean latents."""
        ...

    def denoised(self, velocity: Predict, noise: torch.Tensor, seed: int) -> torch.Tensor:
        """Return clean latents."""
        ...


class StableAudio:
    """Stable Audio 3, with the sampler of its distilled checkpoints."""

    latents = 43

    def __init__(self, shape: str) -> None:
        """Load random weights, `tiny` or `full`."""
        if shape == "full":
            folder = checkpoint_folder("stable-audio-3-small")
            self.pipeline = stable_audio.Pipeline.load(folder, _CPU, torch.float32)
        else:
            parts = stable_audio_parts(TINY_STABLE_AUDIO)
            checkpoint = _checkpoint("StableAudio3Pipeline", parts)
            self.pipeline = stable_audio.Pipeline(checkpoint, _CPU, torch.float32)

    def velocity(self, kept: Kept | None = None) -> Predict:
        """Return it from the clean latents that the model sees."""
        coder = self.pipeline.autoencoder
        stays = None if kept is None else stable_audio.Kept(latents=kept[0], mask=kept[1])
        request = stable_audio.PipelineRequest(
            prompt="warm pad", seeds=(0,), latents=self.latents, sampler="ping-pong",
            seconds=self.latents * coder.hop / coder.rate, steps=_STEPS, guidance=1.0, kept=stays,
        )  # fmt: skip
        clean = self.pipeline.predictor(request)
        return lambda latents, level: (latents - clean(latents, level)) / level

    def denoised(self, velocity: Predict, noise: torch.Tensor, seed: int) -> torch.Tensor:
        """Return latents by the product's own steps."""
        levels = self.pipeline.family.levels(_STEPS, 1.0)
        chances = [torch.Generator().manual_seed(seed + 1000)]
        how = Denoising(sampler="ping-pong", levels=levels, generators=chances)
        return denoise(
            lambda latents, level: latents - level * velocity(latents, level),
            noise, how, lambda _done: None,
        )  # fmt: skip


class AceStep:
    """ACE-Step turbo."""

    latents = 100

    def __init__(self, shape: str) -> None:
        """Load random weights, `tiny` or `full`."""
        if shape == "full":
            folder = checkpoint_folder("ace-step-turbo")
            self.pipeline = ace_step.Pipeline.load(folder, _CPU, torch.float32)
        else:
            checkpoint = _checkpoint("AceStepPipeline", ace_step_parts(TINY_ACE_STEP))
            self.pipeline = ace_step.Pipeline(checkpoint, _CPU, torch.float32)

    def velocity(self, kept: Kept | None = None) -> Predict:
        """Return the model's own prediction, of as many copies as the latents have."""
        told = Wording(caption="warm pad", seconds=10, bpm=120)
        context = None if kept is None else ace_step.Context(latents=kept[0], made=1 - kept[1])

        def velocity(latents: torch.Tensor, level: float) -> torch.Tensor:
            request = ace_step.PipelineRequest(
                told=told, seeds=(0,), latents=latents.shape[2], closed=False, steps=_STEPS,
                context=context,
            )  # fmt: skip
            return self.pipeline.predictor(request)(latents, level)

        return velocity

    def denoised(self, velocity: Predict, noise: torch.Tensor, seed: int) -> torch.Tensor:
        """Return latents by straight steps; there is no other chance than the noise."""
        del seed
        for level, following in itertools.pairwise(ace_step.noise_levels(_STEPS)):
            noise = noise + (following - level) * velocity(noise, level)
        return noise


def _checkpoint(pipeline: str, parts: dict[str, object]) -> Checkpoint:
    schedule = dict(parts.pop("scheduler").config)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(requires_grad=False)
    lighten(parts["vae"])
    return Checkpoint(pipeline, parts, schedule)


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["stable-audio", "ace-step"])
    parser.add_argument("shape", choices=["tiny", "full"])
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        model = {"stable-audio": StableAudio, "ace-step": AceStep}[options.model](options.shape)
        for name, around in (("as it is", _as_it_is), ("three copies", _middle_of_three)):
            sys.stdout.write(f"{name}: turned, it changes by {_changes(model, around)}\n")
        for name, way in WAYS.items():
            began = time.process_time()
            made = [way(model, seed) for seed in range(options.seeds)]
            seconds = (time.process_time() - began) / max(1, options.seeds)
            if made:
                in_latents = np.mean([_rank(each) for each in made])
                heard = np.mean([_heard(model, each) for each in made])
                sys.stdout.write(
                    f"{name}: {in_latents:.0f} % of latents, {heard:.0f} % heard, "
                    f"{seconds:.2f} s of CPU\n"
                )


def _noise(model: Model, seed: int) -> torch.Tensor:
    chances = [torch.Generator().manual_seed(seed)]
    return drawn_noise((model.pipeline.autoencoder.width, model.latents), chances, _CPU)


def _as_it_is(velocity: Predict) -> Predict:
    return velocity


def _middle_of_three(velocity: Predict) -> Predict:
    return lambda latents, level: velocity(latents.repeat(1, 1, 3), level).chunk(3, dim=2)[1]


def _mean_of_three(velocity: Predict) -> Predict:
    def predict(latents: torch.Tensor, level: float) -> torch.Tensor:
        return torch.stack(velocity(latents.repeat(1, 1, 3), level).chunk(3, dim=2)).mean(dim=0)

    return predict


def _changes(model: Model, around: Around, level: float = 0.5) -> str:
    predict, noisy = around(model.velocity()), _noise(model, 0)
    velocity = predict(noisy, level)
    found = []
    for places in (model.latents // 6 // 2 * 2, model.latents // 2 // 2 * 2):
        again = predict(noisy.roll(places, dims=2), level).roll(-places, dims=2)
        change = (again - velocity).norm(dim=1)[0]
        found.append(100 * change / velocity.norm(dim=1).mean())
    every = torch.stack(found).mean(dim=0)
    ends = torch.cat([every[:2], every[-2:]]).mean()
    return f"{every.mean():.1f} % on average, by {ends:.1f} % at the ends"


def _plain(model: Model, seed: int) -> torch.Tensor:
    return model.denoised(model.velocity(), _noise(model, seed), seed)


def _turned(model: Model, seed: int) -> torch.Tensor:
    return model.denoised(turned_each_step(model.velocity(), (seed,)), _noise(model, seed), seed)


def _copies(model: Model, seed: int) -> torch.Tensor:
    return model.denoised(_middle_of_three(model.velocity()), _noise(model, seed), seed)


def _copies_turned(model: Model, seed: int) -> torch.Tensor:
    turned = turned_each_step(_mean_of_three(model.velocity()), (seed,))
    return model.denoised(turned, _noise(model, seed), seed)


def _painted(model: Model, seed: int) -> torch.Tensor:
    half = model.latents // 2
    made = _plain(model, seed).roll(half, dims=2)
    mask = torch.ones(model.latents)
    mask[half - _PAINTED : half + _PAINTED] = 0
    again = model.denoised(model.velocity((made, mask)), _noise(model, seed), seed)
    return torch.where(mask.bool(), made, again).roll(-half, dims=2)


WAYS: dict[str, Callable[[Model, int], torch.Tensor]] = {
    "as it is": _plain,
    "turned before each step": _turned,
    "three copies": _copies,
    "the mean of three copies, turned before each step": _copies_turned,
    "join painted over": _painted,
}


def _rank(latents: torch.Tensor) -> float:
    """Return in how many percent of their places latents change less than at the seam."""
    changes = (latents - latents.roll(1, dims=2)).norm(dim=1)[0]
    return float(100 * (changes[1:] < changes[0]).float().mean())


def _heard(model: Model, latents: torch.Tensor) -> float:
    report = RepeatableReport(lambda _fraction, _stage: None, "")
    sound = model.pipeline.decode(latents, closed=True, report=report, on_piece=None)
    return change_at_the_seam(sound[0].T.numpy(), model.pipeline.autoencoder.rate)


if __name__ == "__main__":
    main()
