"""Stable Audio Open and its fine-tunes: noise added to the latents of Oobleck, told by T5."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from diffusers.models.embeddings import get_1d_rotary_pos_embed

from engine.generators.autoencoder import Autoencoder, oobleck
from engine.generators.closing import Predict
from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.packed import prepared
from engine.generators.stable_audio.family import Conditions
from engine.generators.stable_audio.schedule import falling_levels

_LONGEST = 512
"""Tokens of a prompt that are read at most; published checkpoints say 128."""


class StableAudioOpen:
    """Transformer, autoencoder, text encoder and projection; see `Family`."""

    inpaints = False
    guidance = 7.0
    samplers: tuple[str, ...] = ("dpm++-2m-sde",)
    steps: Mapping[str, int] = MappingProxyType({"dpm++-2m-sde": 100})

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: torch.device,
        dtype: torch.dtype,
        text_device: torch.device,
    ) -> None:
        """Take a loaded checkpoint; transformer and autoencoder compute in `dtype`."""
        self._device, self._dtype = device, dtype
        self._transformer: Any = prepared(checkpoint.transformer, device, dtype, many_rows=True)
        self._encoder = prepared(checkpoint.text_encoder, text_device)
        self._projection = prepared(checkpoint.projection_model, device)
        self._tokenizer = checkpoint.tokenizer
        self._known = EmbeddingCache()
        vae = prepared(checkpoint.vae, device, dtype, many_rows=True)
        self.autoencoder: Autoencoder = oobleck(vae, device, dtype)
        self.modules: tuple[torch.nn.Module, ...] = (
            self._transformer, vae, self._encoder, self._projection,
        )  # fmt: skip
        schedule = checkpoint.scheduler_config
        self._lowest = float(schedule.get("sigma_min", 0.3))
        self._highest = float(schedule.get("sigma_max", 500.0))
        latents = int(checkpoint.transformer.config.sample_size)
        self.longest_s = latents * self.autoencoder.hop / self.autoencoder.rate

    def conditions(self, prompt: str | None, seconds: float, takes: int) -> Conditions:
        """Return the tokens of the prompt, its beginning and end, and these two by themselves.

        Some checkpoints are told no beginning. Without a prompt the model gets nothing but zeros
        in place of the tokens.
        """
        text = prompt or ""
        states = self._known.get(text, lambda: self._read(text)).to(self._device)
        places = {"end_seconds": seconds}
        if hasattr(self._projection, "start_number_conditioner"):
            places["start_seconds"] = 0.0
        found = self._projection(
            text_hidden_states=None,
            **{name: torch.tensor([at], device=self._device) for name, at in places.items()},
        )
        both = found.seconds_start_hidden_states, found.seconds_end_hidden_states
        ends = [each for each in both if each is not None]
        context = torch.cat([states, *ends], dim=1)
        rows = {
            "encoder_hidden_states": torch.zeros_like(context) if prompt is None else context,
            "global_hidden_states": torch.cat(ends, dim=2),
        }
        return {
            name: row.to(self._dtype).expand(takes, *row.shape[1:]) for name, row in rows.items()
        }

    def _read(self, prompt: str) -> torch.Tensor:
        longest = min(self._tokenizer.model_max_length, _LONGEST)
        tokens = self._tokenizer(
            [prompt], padding="max_length", max_length=longest, truncation=True, return_tensors="pt"
        )
        device = next(self._encoder.parameters()).device
        mask = tokens.attention_mask.to(device)
        states = self._encoder(tokens.input_ids.to(device), attention_mask=mask).last_hidden_state
        projected = self._projection(text_hidden_states=states.float().to(self._device))
        found: torch.Tensor = projected.text_hidden_states * mask[..., None].to(self._device)
        return found

    def levels(self, steps: int, amount: float) -> list[float]:
        """Return levels from that at which noise is `amount` of the whole, as an angle."""
        highest = min(math.tan(min(amount, 0.9999) * math.pi / 2), self._highest)
        return falling_levels(steps, self._highest if amount >= 1 else highest, self._lowest)

    def noisy(self, source: torch.Tensor | None, noise: torch.Tensor, level: float) -> torch.Tensor:
        """Return noise as loud as latents with noise would be, or a source with noise."""
        return noise * math.hypot(level, 1) if source is None else source + level * noise

    def under(self, conditions: Conditions) -> Predict:
        """Return the model under some conditions.

        It predicts clean latents minus the noise, along the angle.
        """

        def clean(latents: torch.Tensor, level: float) -> torch.Tensor:
            whole = math.hypot(level, 1)
            found = self._predicted(latents / whole, math.atan(level) * 2 / math.pi, conditions)
            return latents / whole**2 - level / whole * found

        return clean

    def _predicted(
        self, latents: torch.Tensor, time: float, conditions: Conditions
    ) -> torch.Tensor:
        """Return what the transformer makes of latents at a time from 0, clean, to 1."""
        rotary = get_1d_rotary_pos_embed(
            self._transformer.config.attention_head_dim // 2,
            latents.shape[2] + 1,  # In front of the latents are beginning and end.
            use_real=True,
            repeat_interleave_real=False,
        )
        found: torch.Tensor = self._transformer(
            latents.to(self._dtype),
            torch.tensor([time], device=self._device),
            **conditions,
            rotary_embedding=tuple(each.to(self._device) for each in rotary),
            return_dict=False,
        )[0]
        return found.float()
