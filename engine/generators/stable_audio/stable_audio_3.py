"""Stable Audio 3: a straight line from noise to the latents of SAME, told by T5Gemma."""

from collections.abc import Mapping
from typing import Any

import torch

from engine.generators.autoencoder import Autoencoder, same
from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.packed import prepared
from engine.generators.stable_audio.family import Conditions
from engine.generators.stable_audio.schedule import straight_levels

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
        self._transformer = prepared(checkpoint.transformer, device, dtype)
        self._encoder = prepared(checkpoint.text_encoder, text_device)
        self._embedder: Any = torch.nn.Module.to(checkpoint.duration_embedder, device)
        self._tokenizer = checkpoint.tokenizer
        self._known = EmbeddingCache()
        vae = prepared(checkpoint.vae, device, dtype)
        self.autoencoder: Autoencoder = same(vae, device, dtype)
        self.modules: tuple[torch.nn.Module, ...] = (
            self._transformer, vae, self._encoder, self._embedder,
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
        longest = min(self._tokenizer.model_max_length, _LONGEST)
        tokens = self._tokenizer(
            [prompt], padding="max_length", max_length=longest, truncation=True, return_tensors="pt"
        )
        device = next(self._encoder.parameters()).device
        mask = tokens.attention_mask.to(device)
        found = self._encoder(tokens.input_ids.to(device), attention_mask=mask)
        return found.last_hidden_state.float(), mask

    def levels(self, steps: int, amount: float) -> list[float]:
        """Return the shares of noise, from `amount` down."""
        return straight_levels(steps, amount, self._shift)

    def noisy(self, source: torch.Tensor | None, noise: torch.Tensor, level: float) -> torch.Tensor:
        """Return noise, or a mix of it with a source."""
        return noise if source is None else (1 - level) * source + level * noise

    def clean(self, latents: torch.Tensor, level: float, conditions: Conditions) -> torch.Tensor:
        """Return clean latents: the model predicts noise minus clean latents."""
        velocity: torch.Tensor = self._transformer(
            latents.to(self._dtype),
            torch.full((len(latents),), level, device=self._device),
            **conditions,
            return_dict=False,
        )[0]
        return latents - level * velocity.float()
