"""A faster, rougher mode of the UNet, which reuses deep features.

The deep blocks of the UNet (all but its outermost level) change little from one step to the next
and are most of its work. Every second evaluation reuses them from the previous one, and computes
only the outermost level (after DeepCache, Ma et al., 2023). Guidance is skipped towards the end,
where it matters least. The cost in quality has not been measured on real weights.
"""

from collections.abc import Callable
from threading import get_ident
from typing import Any

import torch
from torch import nn

DRAFT_GUIDED_SHARE = 0.6
REUSE_EVERY = 2
_Known = dict[tuple[int, int], Any]
"""What a block made, by its number and the thread: each computes rows of its own."""


def reusing_depths(
    unet: Any, predict: Callable[..., torch.Tensor], every: int = REUSE_EVERY
) -> Callable[..., torch.Tensor]:
    """Return a `predict` for one run that computes the deep blocks in one of `every` evaluations.

    A change of batch size (when guidance ends) makes it compute them again.
    """
    deep = [*unet.down_blocks[1:], unet.mid_block, *unet.up_blocks[:-1]]
    known: _Known = {}
    count = 0
    rows = 0

    def draft(noisy: torch.Tensor, timestep: Any, **conditions: Any) -> torch.Tensor:
        nonlocal count, rows
        if len(noisy) != rows:
            count, rows = 0, len(noisy)
        fresh = count % every == 0
        count += 1
        try:
            for number, block in enumerate(deep):
                block.forward = _keeping(block, number, known) if fresh else _known(number, known)
            return predict(noisy, timestep, **conditions)
        finally:
            for block in deep:
                del block.forward

    return draft


def _keeping(block: nn.Module, number: int, known: _Known) -> Callable[..., Any]:
    whole = type(block).forward

    def forward(*arguments: Any, **named: Any) -> Any:
        known[number, get_ident()] = found = whole(block, *arguments, **named)
        return found

    return forward


def _known(number: int, known: _Known) -> Callable[..., Any]:
    return lambda *_arguments, **_named: known[number, get_ident()]
