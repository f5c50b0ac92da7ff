"""A matrix product for token-by-token decoding, in the fastest form the processor offers."""

from collections.abc import Callable

import torch
from torch.nn import functional

from engine.generators.packed import PackedLinear, can_pack

Linear = Callable[[torch.Tensor], torch.Tensor]
"""Rows of (..., features in) to (..., features out)."""


class PlainLinear:
    """The product as torch computes it: on a GPU, and where packing is not possible."""

    def __init__(self, weight: torch.Tensor) -> None:
        """Use `weight`, (features out, features in)."""
        self.weight = weight

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        return functional.linear(rows, self.weight)


class Int8Linear:
    """8-bit weights with one scale for each output feature; activations stay bfloat16.

    Each weight is rounded to the nearest of 255 steps, scaled by the largest of its row. The
    product is torch's own (`_weight_int8pack_mm`), which its quantisation of language models uses.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        """Quantise `weight`, (features out, features in), in any precision."""
        exact = weight.float()
        scale = exact.abs().amax(dim=1).clamp(min=1e-12) / 127
        self.weight = (exact / scale[:, None]).round().to(torch.int8).contiguous()
        self.scale = scale.to(torch.bfloat16)

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the product, bfloat16."""
        flat = rows.reshape(-1, rows.shape[-1])
        found = torch._weight_int8pack_mm(flat, self.weight, self.scale)
        return found.view(*rows.shape[:-1], -1)


def make_linear(
    weight: torch.Tensor, device: torch.device, dtype: torch.dtype, *, int8: bool = False
) -> Linear:
    """Return the product with `weight`, (features out, features in), on a device."""
    if int8:
        return Int8Linear(weight)
    held = weight.detach().to(device, dtype)
    if can_pack(device.type, dtype):
        return PackedLinear(held)
    return PlainLinear(held)
