"""The denoising loop: from noise to latents, the same for all families.

It knows neither prompts nor sound. It reports before each evaluation of the network, so a
cancel takes effect within one.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from engine.generators.latent_diffusion.schedulers import quiet_schedulers
from engine.loops.errors import LoopError

Tensors = Mapping[str, torch.Tensor]
Report = Callable[[float], None]


def first_latents(
    shape: tuple[int, ...], generators: list[torch.Generator], device: torch.device
) -> torch.Tensor:
    """Return noise of `shape` (channels, time, frequency), one per generator.

    The noise is drawn on the CPU: a seed means the same on every device.
    """
    return torch.stack([torch.randn(shape, generator=each) for each in generators]).to(device)


def guided_conditions(positive: Tensors, negative: Tensors | None, takes: int) -> Tensors:
    """Return what the network is told in each pass: all negatives first, then all positives.

    `positive` holds one row per prompt; each row is repeated for its takes.
    """
    repeated = {name: value.repeat_interleave(takes, 0) for name, value in positive.items()}
    if negative is None:
        return repeated
    return {
        name: torch.cat([negative[name].repeat_interleave(takes, 0), value])
        for name, value in repeated.items()
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class DenoiseParams:
    """How to go from noise to latents.

    Attributes:
        scheduler: a fresh one; it decides how many evaluations `steps` take.
        guidance: how far to go beyond the unguided prediction; 1 and below means none.
        guided_share: 0..1, the share of the evaluations, from the start, that is guided.
        eta: 0..1, the share of fresh noise in each step; only DDIM knows it.
        generators: one per take, for the schedulers that add noise.
        sound: latents to begin from, noised; None begins from noise alone.
        amount: 0..1, the share of the evaluations that is made where there is a sound; at 0 the
            sound comes out as it went in.
    """

    scheduler: Any
    steps: int
    guidance: float
    guided_share: float = 1.0
    eta: float = 0.0
    generators: list[torch.Generator]
    sound: torch.Tensor | None = None
    amount: float = 1.0


@quiet_schedulers()
def denoise(
    predict: Callable[..., torch.Tensor],
    latents: torch.Tensor,
    conditions: Tensors,
    walk: DenoiseParams,
    report: Report,
) -> torch.Tensor:
    """Return latents without noise, scaled as the VAE made them in training.

    Args:
        predict: the UNet: (noisy latents, timestep, **conditions) -> the noise in them.
        latents: unit noise (batch, channels, time, frequency).
        conditions: see `guided_conditions`; twice the batch where there is guidance.
        walk: the steps to take.
        report: called with the fraction done before each evaluation.
    """
    scheduler = walk.scheduler
    scheduler.set_timesteps(walk.steps, device=latents.device)
    begin, latents = _beginning(walk, latents)
    options = _step_options(walk)
    evaluations = len(scheduler.timesteps)
    for number, timestep in list(enumerate(scheduler.timesteps))[begin:]:
        report((number - begin) / (evaluations - begin))
        if walk.guidance > 1.0 and number < walk.guided_share * evaluations:
            noisy = scheduler.scale_model_input(torch.cat([latents] * 2), timestep)
            without, with_prompt = predict(noisy, timestep, **conditions).chunk(2)
            noise = without + walk.guidance * (with_prompt - without)
        else:
            noisy = scheduler.scale_model_input(latents, timestep)
            positive = {name: value[-len(latents) :] for name, value in conditions.items()}
            noise = predict(noisy, timestep, **positive)
        latents = scheduler.step(noise, timestep, latents, **options).prev_sample
    report(1.0)
    return latents


def _beginning(walk: DenoiseParams, noise: torch.Tensor) -> tuple[int, torch.Tensor]:
    """Return the first evaluation to be made, and the noisy latents to make it on.

    Raises:
        LoopError: the scheduler cannot begin anywhere but at its beginning.
    """
    scheduler = walk.scheduler
    if walk.sound is None:
        return 0, noise * scheduler.init_noise_sigma
    if type(scheduler).__name__ == "PNDMScheduler":
        raise LoopError(
            "Scheduler 'pndm' cannot begin from a sound: choose another, for example 'ddim'."
        )
    order = scheduler.order
    # The least amount is a step, or takes of several seeds would be one.
    made = max(round(walk.amount * walk.steps), 1 if walk.amount else 0)
    begin = (walk.steps - made) * order
    sound = walk.sound.expand_as(noise)
    if begin >= len(scheduler.timesteps):
        return len(scheduler.timesteps), sound
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    noisy = scheduler.add_noise(sound, noise, scheduler.timesteps[begin : begin + 1])
    return begin, noisy


def _step_options(walk: DenoiseParams) -> dict[str, Any]:
    known = inspect.signature(walk.scheduler.step).parameters
    options = {"eta": walk.eta, "generator": walk.generators}
    return {name: value for name, value in options.items() if name in known}
