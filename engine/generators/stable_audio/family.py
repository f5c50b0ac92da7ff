"""What the two kinds of models have in common: how the pipeline asks for clean latents."""

from collections.abc import Mapping
from typing import Protocol

import torch

from engine.generators.autoencoder import Autoencoder
from engine.generators.closing import Predict

Conditions = Mapping[str, torch.Tensor]
"""What the transformer is told, by the names of its arguments: a row per take."""


class Family(Protocol):
    """One kind of model, ready to run.

    Attributes:
        autoencoder: from sound to latents and back.
        modules: the parts that compute.
        samplers: those that it was trained for, the usual one first; see `schedule.SAMPLERS`.
        steps: the usual number of steps of each sampler.
        guidance: the usual guidance.
        longest_s: the longest sound that it makes at once, in seconds.
        inpaints: whether it can keep a part of a source.
    """

    autoencoder: Autoencoder
    modules: tuple[torch.nn.Module, ...]
    samplers: tuple[str, ...]
    steps: Mapping[str, int]
    guidance: float
    longest_s: float
    inpaints: bool

    def conditions(self, prompt: str | None, seconds: float, takes: int) -> Conditions:
        """Return the conditions of a prompt and a duration; None is no prompt at all."""
        ...

    def levels(self, steps: int, amount: float) -> list[float]:
        """Return the noise levels of a way that begins with `amount` of noise, 0..1."""
        ...

    def noisy(self, source: torch.Tensor | None, noise: torch.Tensor, level: float) -> torch.Tensor:
        """Return latents at the first level: noise, or a source with noise."""
        ...

    def under(self, conditions: Conditions) -> Predict:
        """Return the model under some conditions: it sees clean latents, float32, in noisy ones."""
        ...
