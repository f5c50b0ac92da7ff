"""Stable Audio Open Small: the transformer of Stable Audio Open, on a straight line from noise."""

import math

import torch

from engine.generators.closing import Predict
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.stable_audio.family import Conditions
from engine.generators.stable_audio.stable_audio_open import StableAudioOpen

_LOGSNR = (-6.0, 2.0)
"""The log of the signal-to-noise ratio at full noise, and before the last step."""


class StableAudioOpenSmall(StableAudioOpen):
    """A checkpoint that was distilled for a few steps, or what it was made from; see `Family`."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: torch.device,
        dtype: torch.dtype,
        text_device: torch.device,
    ) -> None:
        """Take a loaded checkpoint; transformer and autoencoder compute in `dtype`."""
        super().__init__(checkpoint, device, dtype, text_device)
        distilled = bool(checkpoint.scheduler_config.get("stochastic_sampling"))
        self.samplers = ("ping-pong", "euler") if distilled else ("euler", "ping-pong")
        self.steps = {"ping-pong": 8, "euler": 50}
        self.guidance = 1.0 if distilled else 7.0

    def levels(self, steps: int, amount: float) -> list[float]:
        """Return the shares of noise, from `amount` down."""
        first, last = _LOGSNR
        if amount < 1:
            first = min(math.log((1 - amount) / amount + 1e-6), last)
        levels = torch.sigmoid(-torch.linspace(first, last, steps + 1)).tolist()
        return [amount, *levels[1:-1], 0.0]

    def noisy(self, source: torch.Tensor | None, noise: torch.Tensor, level: float) -> torch.Tensor:
        """Return noise, or a mix of it with a source."""
        return noise if source is None else (1 - level) * source + level * noise

    def under(self, conditions: Conditions) -> Predict:
        """Return the model under some conditions: it predicts noise minus clean latents."""
        return lambda latents, level: latents - level * self._predicted(latents, level, conditions)
