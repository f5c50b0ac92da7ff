"""Layers that keep their weights in 16 bits, as published, and compute in float32.

What reads a prompt computes once for many loops. Its weights stay where the file is mapped, in half
the memory; each layer widens its own, which changes nothing in the result, for as long as it runs.
Not for T5, which looks at the precision of its weights.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.generators.packed import prepared

NARROW = (torch.bfloat16, torch.float16)


class _Narrow(nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.weight = layer.weight
        self.bias = getattr(layer, "bias", None)

    def _apply(self, fn: object, recurse: bool = True) -> "_Narrow":  # noqa: ARG002, FBT001, FBT002 - torch's signature
        """Stay as it is, whatever precision the part is converted to."""
        return self


class NarrowLinear(_Narrow):
    """A Linear layer."""

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (..., features out), in the precision of `rows`."""
        bias = None if self.bias is None else self.bias.to(rows.dtype)
        return functional.linear(rows, self.weight.to(rows.dtype), bias)


class NarrowEmbedding(_Narrow):
    """An Embedding layer."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (..., width) float32."""
        return functional.embedding(tokens, self.weight).float()


def kept_narrow(part: Any) -> Any:
    """Return a part of a model that computes in float32 with layers as above where it has 16 bits.

    A part in float32 stays as it is.
    """
    for parent in list(part.modules()):
        for name, child in list(parent.named_children()):
            kind = {nn.Linear: NarrowLinear, nn.Embedding: NarrowEmbedding}.get(type(child))
            if kind is not None and child.weight.dtype in NARROW:
                setattr(parent, name, kind(child))
    nn.Module.to(part, torch.float32)
    return part


def prepared_to_read(part: Any, device: torch.device) -> Any:
    """Return a part that reads prompts, in float32: on a CPU kept narrow, else as `prepared`."""
    return kept_narrow(part) if device.type == "cpu" else prepared(part, device)
