"""The denoising loop, from noise to latents, shared by all families.

It reports before each evaluation of the network, so that a cancel takes effect within one.
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


def guided_conditions(positive: Tensors, negative: Tensors | None, takes: int) -> Tensors:
    """Return the conditions of one pass: all negatives first, then all positives.

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
        guidance: the guidance scale; 1 and below means none.
        guided_share: 0..1, the share of the evaluations, from the start, that is guided.
        eta: 0..1, the share of fresh noise in each step; only DDIM uses it.
        generators: one per take, for the schedulers that add noise.
        sound: latents to noise and start from; None starts from pure noise.
        amount: 0..1, the share of the evaluations to run on `sound`; at 0 it comes out
            unchanged.
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
    params: DenoiseParams,
    report: Report,
) -> torch.Tensor:
    """Return denoised latents, scaled as in training.

    Args:
        predict: the UNet: (noisy latents, timestep, **conditions) -> the noise in them.
        latents: unit noise (batch, channels, time, frequency).
        conditions: see `guided_conditions`; twice the batch with guidance.
        params: how to denoise.
        report: called with the fraction done before each evaluation.
    """
    scheduler = params.scheduler
    scheduler.set_timesteps(params.steps, device=latents.device)
    begin, latents = _start(params, latents)
    options = _step_options(params)
    evaluations = len(scheduler.timesteps)
    for number, timestep in list(enumerate(scheduler.timesteps))[begin:]:
        report((number - begin) / (evaluations - begin))
        if params.guidance > 1.0 and number < params.guided_share * evaluations:
            noisy = scheduler.scale_model_input(torch.cat([latents] * 2), timestep)
            without, with_prompt = predict(noisy, timestep, **conditions).chunk(2)
            noise = without + params.guidance * (with_prompt - without)
        else:
            noisy = scheduler.scale_model_input(latents, timestep)
            positive = {name: value[-len(latents) :] for name, value in conditions.items()}
            noise = predict(noisy, timestep, **positive)
        latents = scheduler.step(noise, timestep, latents, **options).prev_sample
    report(1.0)
    return latents


def _start(params: DenoiseParams, noise: torch.Tensor) -> tuple[int, torch.Tensor]:
    """Return the number of the first evaluation, and its noisy latents.

    Raises:
        LoopError: the scheduler cannot start from existing audio.
    """
    scheduler = params.scheduler
    if params.sound is None:
        return 0, noise * scheduler.init_noise_sigma
    if type(scheduler).__name__ == "PNDMScheduler":
        raise LoopError(
            "Scheduler 'pndm' cannot start from existing audio: choose another, such as 'ddim'."
        )
    order = scheduler.order
    # At least one step, or takes with different seeds would be identical.
    made = max(round(params.amount * params.steps), 1 if params.amount else 0)
    begin = (params.steps - made) * order
    sound = params.sound.expand_as(noise)
    if begin >= len(scheduler.timesteps):
        return len(scheduler.timesteps), sound
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    noisy = scheduler.add_noise(sound, noise, scheduler.timesteps[begin : begin + 1])
    return begin, noisy


def _step_options(params: DenoiseParams) -> dict[str, Any]:
    known = inspect.signature(params.scheduler.step).parameters
    options = {"eta": params.eta, "generator": params.generators}
    return {name: value for name, value in options.items() if name in known}
