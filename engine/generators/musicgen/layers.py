"""The layers of MusicGen's decoder, read from the library's modules.

They are read for torch, or for a graph that another runtime compiles: what the parts of a layer
take and return is a tensor, or a node of that graph.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import torch

Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True)
class CrossAttention(Generic[Value]):
    """A layer's attention to the text; the melody models have none."""

    norm: Callable[[Value], Value]
    query: Callable[[Value], Value]
    key_value: Callable[[Value], Value]
    out: Callable[[Value], Value]


@dataclasses.dataclass(frozen=True)
class Layer(Generic[Value]):
    """One layer."""

    norm: Callable[[Value], Value]
    query_key_value: Callable[[Value], Value]
    out: Callable[[Value], Value]
    cross: CrossAttention[Value] | None
    final_norm: Callable[[Value], Value]
    fc1: Callable[[Value], Value]
    fc2: Callable[[Value], Value]


@dataclasses.dataclass(frozen=True)
class LayerReader(Generic[Value]):
    """Makes layers of the library's modules.

    Attributes:
        linear: returns the product with a matrix, (features out, features in).
        norm: returns the layer norm with a weight and a bias, (width,).
    """

    linear: Callable[[torch.Tensor], Callable[[Value], Value]]
    norm: Callable[[torch.Tensor, torch.Tensor], Callable[[Value], Value]]

    def take_layers(self, modules: Any) -> list[Layer[Value]]:
        """Return all layers; each module is emptied once read, so that little is held twice."""
        layers = []
        for number, module in enumerate(modules):
            layers.append(self._layer(module))
            modules[number] = torch.nn.Identity()
        return layers

    def joined(self, weights: Sequence[torch.Tensor]) -> Callable[[Value], Value]:
        """Return the product with several matrices, one result behind the other."""
        return self.linear(torch.cat(list(weights)) if len(weights) > 1 else weights[0])

    def read_norm(self, module: Any) -> Callable[[Value], Value]:
        """Return a layer norm of the library."""
        return self.norm(module.weight.detach(), module.bias.detach())

    def _layer(self, module: Any) -> Layer[Value]:
        own, text = module.self_attn, getattr(module, "encoder_attn", None)
        return Layer(
            norm=self.read_norm(module.self_attn_layer_norm),
            query_key_value=self.joined([own.q_proj.weight, own.k_proj.weight, own.v_proj.weight]),
            out=self.joined([own.out_proj.weight]),
            cross=None
            if text is None
            else CrossAttention(
                norm=self.read_norm(module.encoder_attn_layer_norm),
                query=self.joined([text.q_proj.weight]),
                key_value=self.joined([text.k_proj.weight, text.v_proj.weight]),
                out=self.joined([text.out_proj.weight]),
            ),
            final_norm=self.read_norm(module.final_layer_norm),
            fc1=self.joined([module.fc1.weight]),
            fc2=self.joined([module.fc2.weight]),
        )
