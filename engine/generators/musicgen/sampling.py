"""Samples tokens from logits; each take has its own random generator."""

import dataclasses

import torch


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How tokens are sampled; the defaults are those of the authors.

    Attributes:
        temperature: above 1 more adventurous, below 1 more cautious.
        top_k: sample from this many of the likeliest tokens; 0 for all, 1 for the likeliest alone.
        top_p: sample from the likeliest tokens that together have this probability, 0..1; 0 and 1
            for all.
    """

    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 0.0


class TokenSampler:
    """One random generator per take, on the CPU: a seed means the same on every device."""

    def __init__(self, seeds: list[int]) -> None:
        """Make a random generator for each seed."""
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw(self, logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
        """Return one token for each of (takes, codebooks, codes) float32: (takes, codebooks).

        Each probability is divided by exponential noise and the largest quotient wins, which
        samples from the distribution. A take uses only its own random generator.
        """
        if sampling.top_k == 1:
            return logits.argmax(dim=-1)
        kept = min(sampling.top_k, logits.shape[-1]) or logits.shape[-1]
        likeliest, tokens = (logits / sampling.temperature).topk(kept, dim=-1)
        probs = likeliest.softmax(dim=-1)
        if 0.0 < sampling.top_p < 1.0:
            before = probs.cumsum(dim=-1) - probs
            probs = probs.masked_fill(before >= sampling.top_p, 0.0)
        shape = probs.shape[1:]
        noise = torch.stack(
            [torch.empty(shape).exponential_(generator=g) for g in self._generators]
        )
        drawn = (probs / noise.to(probs.device)).argmax(dim=-1, keepdim=True)
        return tokens.gather(-1, drawn)[..., 0]
