"""From noise to latents: the noise levels of each kind of model, and the steps between them.

A straight line (Stable Audio 3) mixes noise and latents, and its level is the share of the noise. A
step of `ping-pong` goes all the way to the clean latents, and back to the next level with fresh
noise, as the distilled checkpoints were trained to; `euler` goes straight to the next level.

Stable Audio Open adds noise to the latents, and its level is how much. `dpm++-2m-sde` looks at the
last two predictions, and adds fresh noise in each step.
"""

import dataclasses
import math
from collections.abc import Callable

import torch

from engine.generators.closing import Predict
from engine.generators.noise import drawn_noise

_LOGSNR = (-6.2, 2.0)
"""The log of the signal-to-noise ratio at full noise, and at none, of a straight line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Denoising:
    """How to go from noise to latents.

    Attributes:
        sampler: one of `SAMPLERS`.
        levels: the noise level before each step, and 0 after the last.
        generators: one per take, for fresh noise.
    """

    sampler: str
    levels: list[float]
    generators: list[torch.Generator]


def straight_levels(steps: int, highest: float, shift: float) -> list[float]:
    """Return the levels of a straight line.

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


def falling_levels(steps: int, highest: float, lowest: float) -> list[float]:
    """Return levels that fall by the same factor in each step, and 0 after the last."""
    lowest = min(lowest, highest / 2)  # A source with little noise is below the usual last level.
    levels = torch.linspace(math.log(highest), math.log(lowest), steps).exp()
    return [*levels.tolist(), 0.0]


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
    step = SAMPLERS[how.sampler](how.generators)
    steps = len(how.levels) - 1
    for number, level in enumerate(how.levels[:-1]):
        report(number / steps)
        latents = step(latents, predict(latents, level), level, how.levels[number + 1])
    report(1.0)
    return latents


Step = Callable[[torch.Tensor, torch.Tensor, float, float], torch.Tensor]
"""Given latents, the clean ones that the model sees in them, and two levels, returns the latents
at the second level."""


def _ping_pong(generators: list[torch.Generator]) -> Step:
    def step(
        latents: torch.Tensor, clean: torch.Tensor, _level: float, following: float
    ) -> torch.Tensor:
        return (1 - following) * clean + following * drawn_noise(
            latents.shape[1:], generators, latents.device
        )

    return step


def _euler(_generators: list[torch.Generator]) -> Step:
    def step(
        latents: torch.Tensor, clean: torch.Tensor, level: float, following: float
    ) -> torch.Tensor:
        return clean + following / level * (latents - clean)

    return step


def _second_order_with_noise(generators: list[torch.Generator]) -> Step:
    """DPM-Solver++ of the second order, as an SDE (arXiv 2211.01095)."""
    before: tuple[torch.Tensor, float] | None = None

    def step(
        latents: torch.Tensor, clean: torch.Tensor, level: float, following: float
    ) -> torch.Tensor:
        nonlocal before
        noise = drawn_noise(latents.shape[1:], generators, latents.device)
        if not following:
            return clean
        kept = (following / level) ** 2
        ahead = clean
        if before is not None:
            earlier, higher = before
            ratio = math.log(level / following) / math.log(higher / level)
            ahead = clean + 0.5 * ratio * (clean - earlier)
        before = clean, level
        return kept * latents + (1 - kept) * ahead + following * math.sqrt(1 - kept) * noise

    return step


SAMPLERS: dict[str, Callable[[list[torch.Generator]], Step]] = {
    "ping-pong": _ping_pong,
    "euler": _euler,
    "dpm++-2m-sde": _second_order_with_noise,
}
