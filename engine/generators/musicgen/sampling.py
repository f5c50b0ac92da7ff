"""Draws tokens from logits; each take has dice of its own."""

import dataclasses

import torch


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; the defaults are those of the authors.

    Attributes:
        temperature: above 1 bolder, below 1 tamer.
        top_k: only so many of the likeliest; 0 for all, 1 for the likeliest alone.
        top_p: only the likeliest that together have this share, 0..1; 0 and 1 for all.
    """

    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0


class Dice:
    """One generator per take, on the CPU: a seed means the same on every device."""

    def __init__(self, seeds: list[int]) -> None:
        """Make one for each seed."""
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw(self, logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
        """Return one token for each of (takes, codebooks, codes) float32: (takes, codebooks).

        A token is drawn with its probability by dividing each by noise of an exponential
        distribution and taking the largest, so that a take needs no other take's dice.
        """
        if sampling.top_k == 1:
            return logits.argmax(dim=-1)
        kept = min(sampling.top_k, logits.shape[-1]) or logits.shape[-1]
        likeliest, tokens = (logits / sampling.temperature).topk(kept, dim=-1)
        chances = likeliest.softmax(dim=-1)
        if 0.0 < sampling.top_p < 1.0:
            before = chances.cumsum(dim=-1) - chances
            chances = chances.masked_fill(before >= sampling.top_p, 0.0)
        shape = chances.shape[1:]
        noise = torch.stack(
            [torch.empty(shape).exponential_(generator=g) for g in self._generators]
        )
        drawn = (chances / noise.to(chances.device)).argmax(dim=-1, keepdim=True)
        return tokens.gather(-1, drawn)[..., 0]
