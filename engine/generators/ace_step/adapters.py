"""LoRA adapters: for some layers, two thin matrices whose product is added to the layer's own.

The layers themselves stay as they are, laid out for the processor: what an adapter adds is computed
beside them, while it is asked for.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from torch.nn import functional

from engine.loops.errors import LoopError

_KEY = re.compile(
    r"(?:base_model\.model\.|transformer\.|decoder\.|diffusion_model\.)*"
    r"(?P<layer>.+?)\.(?:lora_(?P<side>A|B|down|up)(?:\.default)?\.weight|(?P<alpha>alpha))"
)
_AS_IN_THE_LIBRARY = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "o_proj": "to_out.0"}
"""The authors name some layers in another way."""


class Thin(NamedTuple):
    """What an adapter adds to one layer: down, (rank, features in), and up, (features out, rank).

    `up` includes the adapter's own scale and the share that it is asked for with.
    """

    down: torch.Tensor
    up: torch.Tensor


@contextlib.contextmanager
def adapted(transformer: torch.nn.Module, adapters: Sequence[tuple[Path, float]]) -> Iterator[None]:
    """Let adapters take part inside this context, each by its share.

    Raises:
        LoopError: one does not fit the model.
    """
    layers = dict(transformer.named_modules())
    with contextlib.ExitStack() as hooks:
        for file, share in adapters:
            for name, thin in _read(file, share, layers).items():
                hook = layers[name].register_forward_hook(_adding(thin))
                hooks.callback(hook.remove)
        yield


def _adding(thin: Thin) -> Any:
    def add(_layer: Any, inputs: tuple[torch.Tensor, ...], found: torch.Tensor) -> torch.Tensor:
        down, up = (each.to(found.device, found.dtype) for each in thin)
        return found + functional.linear(functional.linear(inputs[0], down), up)

    return add


def _read(file: Path, share: float, layers: dict[str, torch.nn.Module]) -> dict[str, Thin]:
    sides: dict[str, dict[str, torch.Tensor]] = {}
    for key, value in load_file(file).items():
        match = _KEY.fullmatch(key)
        if match is None:
            raise _unfit(file, f"has the weight {key[:80]!r}, which is not one of a LoRA")
        side = {"A": "down", "B": "up"}.get(match["side"], match["side"] or "alpha")
        sides.setdefault(_named(match["layer"]), {})[side] = value.float()
    return {name: _thin(file, name, found, share, layers) for name, found in sides.items()}


def _named(layer: str) -> str:
    rest, _, last = layer.rpartition(".")
    return f"{rest}.{_AS_IN_THE_LIBRARY.get(last, last)}" if rest else last


def _thin(
    file: Path,
    name: str,
    found: dict[str, torch.Tensor],
    share: float,
    layers: dict[str, torch.nn.Module],
) -> Thin:
    layer: Any = layers.get(name)
    shape = tuple(getattr(getattr(layer, "weight", None), "shape", ()))
    down, up = found.get("down"), found.get("up")
    if down is None or up is None or len(shape) != 2:
        raise _unfit(file, f"has no matrices for a layer {name[:80]!r} of this model")
    if (up.shape[0], down.shape[1]) != shape or up.shape[1] != down.shape[0]:
        raise _unfit(file, f"has other sizes at {name[:80]!r} than this model")
    rank = down.shape[0]
    return Thin(down, up * (share * float(found.get("alpha", torch.tensor(rank))) / rank))


def _unfit(file: Path, reason: str) -> LoopError:
    return LoopError(f"The adapter {file.stem!r} {reason}: leave it out, or choose its model.")
