"""Lets a job be cancelled inside a library's module: between its layers, not in the middle of one.

A text encoder, a decoder or a vocoder computes for seconds in one call. Its layers are modules
themselves, and each can be told to call a check before it computes.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from torch import nn

from engine.loops.cancel import Check


@contextlib.contextmanager
def checking(check: Check, *modules: nn.Module) -> Iterator[None]:
    """Call `check` before each layer of some modules computes, inside this context."""

    def before_layer(_layer: nn.Module, _inputs: Any) -> None:
        check()

    layers = {layer for module in modules for layer in module.modules() if _is_layer(layer)}
    hooks = [layer.register_forward_pre_hook(before_layer) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _is_layer(module: nn.Module) -> bool:
    return next(module.children(), None) is None
