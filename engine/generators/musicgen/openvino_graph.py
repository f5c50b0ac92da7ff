"""MusicGen's decoder as a graph that OpenVINO compiles.

The keys and values of earlier positions are state of the compiled model. Its CPU plug-in computes
attention over them in one operation if the graph is written as it expects: each past passes a
Gather by rows (an int32 parameter, where beam search would reorder them), the batch is dynamic, and
the state has an initial value. Otherwise attention falls apart into copies, at twice the time.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openvino
import torch
from openvino import opset13 as ops
from openvino.op.util import Variable, VariableInfo

from engine.generators.musicgen.layers import CrossAttention, Layer, LayerReader

Node = Any
HIDDEN, ROWS, MASK = "hidden", "rows", "mask"


@dataclasses.dataclass(frozen=True)
class DecoderGraphs:
    """The graphs of one checkpoint.

    Attributes:
        step: (rows, length, width) to logits of (rows, length, codebooks x codes). Its inputs are
            `hidden`; `rows`, the rows in order; `mask`, (1, 1, length, positions), added to the
            attention to those positions; and for each layer the keys and values of the text.
        text: (rows, length, width) to those keys and values, two outputs a layer, each (rows,
            heads, length, head width); None for a model without text in its layers.
    """

    step: openvino.Model
    text: openvino.Model | None


def decoder_graphs(decoder: Any, *, int8: bool) -> DecoderGraphs:
    """Return the graphs of a library's decoder, whose layers are emptied one by one.

    Args:
        decoder: in float32.
        int8: keep the matrices in 8 bits, with one scale for each output feature.
    """
    reader = LayerReader[Node](_int8_linear if int8 else _linear, _norm)
    layers = reader.take_layers(decoder.model.decoder.layers)
    norm = reader.read_norm(decoder.model.decoder.layer_norm)
    to_logits = reader.joined([head.weight for head in decoder.lm_heads])
    heads, width = decoder.config.num_attention_heads, decoder.config.hidden_size
    step = _StepGraph(heads, width)
    hidden = step.hidden
    for number, layer in enumerate(layers):
        hidden = step.layer(layer, hidden, number)
    model = openvino.Model(
        [ops.result(to_logits(norm(hidden)))], step.sinks, step.parameters, "decoder"
    )
    crosses = [layer.cross for layer in layers if layer.cross]
    return DecoderGraphs(model, _text_graph(crosses, heads, width) if crosses else None)


def text_input(number: int, part: int) -> str:
    """Return the name of the input for the text's keys (0) or values (1) of a layer."""
    return f"text {number} {part}"


class _StepGraph:
    """The graph of a step while it grows."""

    def __init__(self, heads: int, width: int) -> None:
        self._heads, self._width, self._head = heads, width, width // heads
        self.hidden = ops.parameter([-1, -1, width], np.float32, name=HIDDEN)
        self._rows = ops.parameter([-1], np.int32, name=ROWS)
        self._mask = ops.parameter([1, 1, -1, -1], np.float32, name=MASK)
        self.parameters = [self.hidden, self._rows, self._mask]
        self.sinks: list[Node] = []
        count = ops.gather(ops.shape_of(self.hidden), _integers(0), ops.constant(0))
        self._nothing = ops.broadcast(
            ops.constant(np.float32(0)),
            ops.concat([count, _integers(heads), _integers(0), _integers(self._head)], 0),
        )

    def layer(self, layer: Layer[Node], hidden: Node, number: int) -> Node:
        """Add a layer, and return its result."""
        parts = self._split(layer.query_key_value(layer.norm(hidden)), 3)
        past = [self._with_past(parts[at], f"past {number} {at}") for at in (1, 2)]
        found = ops.scaled_dot_product_attention(parts[0], *past, self._mask)
        hidden = ops.add(hidden, layer.out(_merge(found, self._width)))
        if layer.cross is not None:
            hidden = self._cross(layer.cross, hidden, number)
        inner = ops.gelu(layer.fc1(layer.final_norm(hidden)), "erf")
        return ops.add(hidden, layer.fc2(inner))

    def _cross(self, cross: CrossAttention[Node], hidden: Node, number: int) -> Node:
        text = [
            ops.parameter(
                [-1, self._heads, -1, self._head], np.float32, name=text_input(number, at)
            )
            for at in (0, 1)
        ]
        self.parameters += text
        query = self._split(cross.query(cross.norm(hidden)), 1)[0]
        found = ops.scaled_dot_product_attention(query, *text)
        return ops.add(hidden, cross.out(_merge(found, self._width)))

    def _with_past(self, values: Node, name: str) -> Node:
        info = VariableInfo()
        info.data_shape = openvino.PartialShape([-1, self._heads, -1, self._head])
        info.data_type, info.variable_id = openvino.Type.f32, name
        state = Variable(info)
        past = ops.gather(ops.read_value(self._nothing, state), self._rows, ops.constant(0))
        whole = ops.concat([past, values], 2)
        self.sinks.append(ops.assign(whole, state))
        return whole

    def _split(self, rows: Node, parts: int) -> list[Node]:
        return _split_heads(rows, parts, self._heads, self._head)


def _text_graph(crosses: Sequence[CrossAttention[Node]], heads: int, width: int) -> openvino.Model:
    text = ops.parameter([-1, -1, width], np.float32, name="text")
    found = [
        part
        for cross in crosses
        for part in _split_heads(cross.key_value(text), 2, heads, width // heads)
    ]
    return openvino.Model([ops.result(part) for part in found], [text], "text")


def _split_heads(rows: Node, parts: int, heads: int, head: int) -> list[Node]:
    """Return `parts` nodes of (rows, heads, length, head width)."""
    each = ops.split(rows, ops.constant(2), parts).outputs() if parts > 1 else [rows]
    order = _integers(0, 2, 1, 3)
    return [
        ops.transpose(ops.reshape(part, _integers(0, 0, heads, head), special_zero=True), order)
        for part in each
    ]


def _merge(found: Node, width: int) -> Node:
    return ops.reshape(
        ops.transpose(found, _integers(0, 2, 1, 3)), _integers(0, 0, width), special_zero=True
    )


def _linear(weight: torch.Tensor) -> Callable[[Node], Node]:
    held = ops.constant(weight.detach().float().contiguous().numpy())
    return lambda rows: ops.matmul(rows, held, transpose_a=False, transpose_b=True)


def _int8_linear(weight: torch.Tensor) -> Callable[[Node], Node]:
    exact = weight.detach().float()
    scale = exact.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127
    codes = ops.constant((exact / scale).round().to(torch.int8).contiguous().numpy())
    held = ops.multiply(ops.convert(codes, "f32"), ops.constant(scale.numpy()))
    return lambda rows: ops.matmul(rows, held, transpose_a=False, transpose_b=True)


def _norm(weight: torch.Tensor, bias: torch.Tensor) -> Callable[[Node], Node]:
    scale, shift = ops.constant(weight.float().numpy()), ops.constant(bias.float().numpy())

    def normed(rows: Node) -> Node:
        even = ops.mvn(rows, _integers(-1), normalize_variance=True, eps=1e-5,
                       eps_mode="inside_sqrt")  # fmt: skip
        return ops.add(ops.multiply(even, scale), shift)

    return normed


def _integers(*values: int) -> Node:
    return ops.constant(np.array(values, np.int64))
