"""Lets a job be cancelled inside a library: between two steps of one call, which takes seconds.

A text encoder, a decoder or a vocoder has layers that are modules themselves, and each can be told
to call a check before it computes. Loading a model takes thousands of operations of torch, and a
check can come before each; that costs too much while a model computes.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import nn
from torch.overrides import TorchFunctionMode

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


class CheckedOperations(TorchFunctionMode):
    """Calls a check before each operation of torch on this thread, as a context."""

    def __init__(self, check: Check) -> None:
        """Call `check`, which may raise to end the work."""
        super().__init__()
        self._check = check

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Check, then compute."""
        self._check()
        return func(*args, **(kwargs or {}))


def _is_layer(module: nn.Module) -> bool:
    return next(module.children(), None) is None
