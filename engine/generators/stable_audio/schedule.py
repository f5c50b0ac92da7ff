"""From noise to latents along a straight line: the noise levels, and a step from one to the next.

A step of `ping-pong` goes all the way to the clean latents, and back to the next level with fresh
noise, as the distilled checkpoints were trained to; `euler` goes straight to the next level.
"""

import dataclasses
import math
from collections.abc import Callable

import torch

from engine.loops.errors import OutOfRange

SAMPLERS = ("ping-pong", "euler")
DEFAULT_STEPS = {"ping-pong": 8, "euler": 50}
_LOGSNR = (-6.2, 2.0)
"""The log of the signal-to-noise ratio at full noise, and at none."""

Predict = Callable[[torch.Tensor, float], torch.Tensor]
"""Given noisy latents and their noise level, returns the velocity: noise minus clean latents."""


def checked_sampler(name: str) -> str:
    """Return the name of a sampler as it is in `SAMPLERS`.

    Raises:
        OutOfRange: there is no such sampler.
    """
    known = name.strip().lower()
    if known not in SAMPLERS:
        raise OutOfRange("The scheduler", name, "one of " + ", ".join(SAMPLERS))
    return known


def noise_levels(steps: int, highest: float, shift: float) -> list[float]:
    """Return the noise level before each step, and 0 after the last.

    Args:
        steps: how many.
        highest: the first level, 0..1; below 1 something of a source is in the latents.
        shift: of the checkpoint's schedule; 1 for the published ones.
    """
    first, last = _LOGSNR
    places = torch.linspace(highest, 0.0, steps + 1)
    levels = torch.sigmoid(-(last - places * (last - first)))
    levels[0] = highest
    levels = shift * levels / (1 + (shift - 1) * levels)
    return [*levels[:-1].tolist(), 0.0]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Denoising:
    """How to go from noise to latents.

    Attributes:
        sampler: one of `SAMPLERS`.
        levels: see `noise_levels`.
        generators: one per take, for fresh noise.
    """

    sampler: str
    levels: list[float]
    generators: list[torch.Generator]


def denoise(
    predict: Predict, latents: torch.Tensor, how: Denoising, report: Callable[[float], None]
) -> torch.Tensor:
    """Return clean latents.

    Args:
        predict: the model.
        latents: (takes, width, latents) float32, at the first noise level.
        how: the steps.
        report: called with the fraction done before each step.
    """
    steps = len(how.levels) - 1
    for number, level in enumerate(how.levels[:-1]):
        report(number / steps)
        following = how.levels[number + 1]
        velocity = predict(latents, level)
        if how.sampler == "ping-pong":
            clean = latents - level * velocity
            latents = (1 - following) * clean + following * first_noise(latents, how.generators)
        else:
            latents = latents + (following - level) * velocity
    report(1.0)
    return latents


def first_noise(like: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
    """Return noise of the shape of `like`, a row per generator.

    It is drawn on the CPU: a seed gives the same noise on every device.
    """
    rows = [torch.randn(like.shape[1:], generator=each) for each in generators]
    return torch.stack(rows).to(like.device)


def usual_steps(sampler: str, *, whole_share: float = 1.0) -> int:
    """Return how many steps a sampler needs for a share of the way, at least one."""
    return max(1, math.ceil(DEFAULT_STEPS[sampler] * whole_share))
