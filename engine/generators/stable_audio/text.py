"""Reads prompts: the context that each place of the latents attends to, and the duration."""

from typing import Any, NamedTuple

import torch

from engine.generators.embedding_cache import EmbeddingCache

_LONGEST = 256
"""Tokens of a prompt that the model reads."""


class Conditions(NamedTuple):
    """What the transformer is told, a row per take.

    Attributes:
        context: (takes, tokens + 1, width): the tokens of the prompt, and the duration.
        mask: (takes, tokens + 1), 1 for a token and 0 for padding.
        duration: (takes, width).
    """

    context: torch.Tensor
    mask: torch.Tensor
    duration: torch.Tensor

    def joined(self, other: "Conditions") -> "Conditions":
        """Return the rows of both, these first."""
        return Conditions(*(torch.cat(pair) for pair in zip(self, other, strict=True)))


class Reader:
    """The text encoder and the embedding of a duration."""

    def __init__(self, tokenizer: Any, encoder: Any, embedder: Any) -> None:
        """Take a Gemma tokenizer, a T5Gemma encoder and a duration embedder."""
        self._tokenizer, self._encoder, self._embedder = tokenizer, encoder, embedder
        self._known = EmbeddingCache()

    @property
    def longest_s(self) -> float:
        """The longest duration that the model knows, in seconds."""
        return float(self._embedder.config.max_val)

    def conditions(self, prompt: str, seconds: float, takes: int) -> Conditions:
        """Return the conditions of a prompt for a duration, repeated for each take."""
        states, mask = self._known.get(prompt, lambda: self._read(prompt))
        device = next(self._embedder.parameters()).device
        duration = self._embedder(torch.tensor([seconds], device=device))
        context = torch.cat([states.to(device), duration[:, None]], dim=1)
        mask = torch.cat([mask.to(device), mask.new_ones(1, 1, device=device)], dim=1)
        rows = Conditions(context, mask, duration)
        return Conditions(*(each.expand(takes, *each.shape[1:]) for each in rows))

    def _read(self, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
        longest = min(self._tokenizer.model_max_length, _LONGEST)
        tokens = self._tokenizer(
            [prompt], padding="max_length", max_length=longest, truncation=True, return_tensors="pt"
        )
        device = next(self._encoder.parameters()).device
        mask = tokens.attention_mask.to(device)
        found = self._encoder(tokens.input_ids.to(device), attention_mask=mask)
        return found.last_hidden_state.float(), mask
