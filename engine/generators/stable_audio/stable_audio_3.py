"""Stable Audio 3: a straight line from noise to the latents of SAME, told by T5Gemma."""

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn import functional

from engine.generators.autoencoder import Autoencoder, same
from engine.generators.closing import Predict
from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.narrow import prepared_to_read
from engine.generators.packed import prepared
from engine.generators.stable_audio.family import Conditions
from engine.generators.stable_audio.schedule import straight_levels
from engine.generators.stable_audio.transformer import Transformer

_LONGEST = 256
"""Tokens of a prompt that the model reads."""


class StableAudio3:
    """Transformer, autoencoder, text encoder and the embedding of a duration; see `Family`."""

    inpaints = True

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: torch.device,
        dtype: torch.dtype,
        text_device: torch.device,
    ) -> None:
        """Take a loaded checkpoint; transformer and autoencoder compute in `dtype`."""
        self._device, self._dtype = device, dtype
        transformer = prepared(checkpoint.transformer, device, dtype, many_rows=True)
        self._velocity = Transformer(transformer)
        self._encoder = prepared_to_read(checkpoint.text_encoder, text_device)
        self._embedder: Any = torch.nn.Module.to(
            checkpoint.duration_embedder, device, torch.float32
        )
        self._tokenizer = checkpoint.tokenizer
        self._known = EmbeddingCache()
        vae = prepared(checkpoint.vae, device, dtype, many_rows=True)
        self.autoencoder: Autoencoder = same(vae, device, dtype)
        self.modules: tuple[torch.nn.Module, ...] = (
            transformer, vae, self._encoder, self._embedder,
        )  # fmt: skip
        schedule = checkpoint.scheduler_config
        self._shift = float(schedule.get("shift", 1.0))
        distilled = bool(schedule.get("stochastic_sampling"))
        self.samplers: tuple[str, ...] = (
            ("ping-pong", "euler") if distilled else ("euler", "ping-pong")
        )
        self.guidance = 1.0 if distilled else 7.0
        self.steps: Mapping[str, int] = {"ping-pong": 8, "euler": 50}
        self.longest_s = min(float(self._embedder.config.max_val), checkpoint.longest_s)

    def conditions(self, prompt: str | None, seconds: float, takes: int) -> Conditions:
        """Return the tokens of the prompt and the duration, and the duration by itself."""
        text = prompt or ""
        states, mask = self._known.get(text, lambda: self._read(text))
        duration = self._embedder(torch.tensor([seconds], device=self._device))
        context = torch.cat([states.to(self._device), duration[:, None]], dim=1)
        mask = torch.cat([mask.to(self._device), mask.new_ones(1, 1, device=self._device)], dim=1)
        rows = {
            "encoder_hidden_states": context.to(self._dtype),
            "encoder_attention_mask": mask,
            "global_hidden_states": duration.to(self._dtype),
        }
        return {name: row.expand(takes, *row.shape[1:]) for name, row in rows.items()}

    def _read(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the states of the tokens, zeros up to the longest prompt, and which are tokens.

        Only the tokens are read: the model hears nothing of the places after them.
        """
        longest = min(self._tokenizer.model_max_length, _LONGEST)
        tokens = self._tokenizer(prompt, max_length=longest, truncation=True).input_ids
        device = next(self._encoder.parameters()).device
        mask = (torch.arange(longest, device=device) < len(tokens)).long()[None]
        if not tokens:  # Some tokenizers make nothing of an empty prompt.
            return torch.zeros(1, longest, self._embedder.config.output_dim, device=device), mask
        states = self._encoder(torch.tensor([tokens], device=device)).last_hidden_state.float()
        return functional.pad(states, (0, 0, 0, longest - len(tokens))), mask

    def levels(self, steps: int, amount: float) -> list[float]:
        """Return the shares of noise, from `amount` down."""
        return straight_levels(steps, amount, self._shift)

    def noisy(self, source: torch.Tensor | None, noise: torch.Tensor, level: float) -> torch.Tensor:
        """Return noise, or a mix of it with a source."""
        return noise if source is None else (1 - level) * source + level * noise

    def under(self, conditions: Conditions) -> Predict:
        """Return the model under some conditions: it predicts noise minus clean latents."""
        heard = self._velocity.hear(**conditions)

        def clean(latents: torch.Tensor, level: float) -> torch.Tensor:
            velocity = self._velocity(latents.to(self._dtype), level, heard)
            return latents - level * velocity.float()

        return clean
