"""The transformer that MusicGen asks for each token, with everything constant computed once.

The weights are those of the library's decoder; what differs is the work: query, key and value in
one product, the keys and values of the text once per request, those of the past in one piece of
memory that never grows, the heads of all codebooks in one product. A row is one take, guided by
its text or not; rows are computed so that none depends on its neighbours.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from engine.generators.linear import Linear, make_linear


@dataclasses.dataclass(frozen=True)
class Norm:
    """A layer norm: its weight and bias, (width,)."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Normalise the last dimension; the epsilon is that of torch's LayerNorm."""
        return functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, 1e-5)


@dataclasses.dataclass(frozen=True)
class Cross:
    """How a layer looks at the text; the melody models have none."""

    norm: Norm
    query: Linear
    key_value: Linear
    out: Linear


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer."""

    norm: Norm
    query_key_value: Linear
    out: Linear
    cross: Cross | None
    last_norm: Norm
    widen: Linear
    narrow: Linear


@dataclasses.dataclass
class KVCache:
    """What the rows of one pass remember.

    Attributes:
        past: (layers, 2, rows, heads, places, head width): keys and values of what went before.
        text: for each layer the keys and values of the text, each (rows with text, heads, length,
            head width); the rows with text come first, the others have none.
        used: how many places hold something.
    """

    past: torch.Tensor
    text: list[tuple[torch.Tensor, torch.Tensor]]
    used: int = 0


class Transformer:
    """The decoder of one checkpoint."""

    def __init__(
        self, decoder: Any, device: torch.device, dtype: torch.dtype, *, int8: bool = False
    ) -> None:
        """Take over the weights of a library's decoder (`MusicgenForCausalLM` or the melody's).

        Args:
            decoder: in float32; its layers are emptied one by one, so that little is held twice.
            device: to compute on.
            dtype: to compute in; bfloat16 if `int8`.
            int8: hold the matrices in 8 bits (CPU only).
        """
        self.device, self.dtype, self._int8 = device, dtype, int8
        # On a CPU, torch's attention for one position takes twice as long in bfloat16, and three
        # times as long where a long past is converted for each position.
        self._looking_dtype = torch.float32 if device.type == "cpu" else dtype
        config, inner = decoder.config, decoder.model.decoder
        self.codebooks, self.codes = config.num_codebooks, config.vocab_size
        self.pad = config.vocab_size
        self.heads, self.width = config.num_attention_heads, config.hidden_size
        self._tables = torch.cat([table.weight for table in inner.embed_tokens]).to(device, dtype)
        rows_each = len(inner.embed_tokens[0].weight)
        self._first_rows = torch.arange(self.codebooks, device=device) * rows_each
        self._scale = config.hidden_size**0.5 if config.scale_embedding else 1.0
        self._positions = inner.embed_positions
        self._layers = [self._taken(inner.layers, number) for number in range(len(inner.layers))]
        self._norm = self._read_norm(inner.layer_norm)
        self._to_logits = self._linear([head.weight for head in decoder.lm_heads])

    def memory(self, rows: int, places: int, text: torch.Tensor | None) -> KVCache:
        """Return an empty memory.

        Args:
            rows: how many are computed at a time.
            places: how many positions will be used.
            text: (rows with text, length, width), for the first rows; None for no text.
        """
        head = self.width // self.heads
        shape = (len(self._layers), 2, rows, self.heads, places, head)
        past = torch.empty(shape, dtype=self._looking_dtype, device=self.device)
        if text is None or self._layers[0].cross is None:
            return KVCache(past, [])
        states = text.to(self.device, self.dtype)
        pairs = [
            self._split(layer.cross.key_value(states), 2).to(self._looking_dtype)
            for layer in self._layers
            if layer.cross
        ]
        return KVCache(past, [(pair[0], pair[1]) for pair in pairs])

    def embedded(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (rows, codebooks, length)."""
        places = tokens + self._first_rows[None, :, None]
        found = functional.embedding(places, self._tables).sum(dim=1)
        return found * self._scale if self._scale != 1.0 else found

    def advance(
        self, inputs: torch.Tensor, memory: KVCache, *, whole: bool = False
    ) -> torch.Tensor:
        """Take the next positions in, and return what comes after the last of them.

        Args:
            inputs: (rows, length, width), of `embedded` or conditions; more than one position
                only while the memory is empty.
            memory: of these rows; it grows by them.
            whole: return what comes after each position instead.

        Returns logits in float32, (rows, codebooks, codes), with a length before the codes where
        `whole`.
        """
        length = inputs.shape[1]
        hidden = inputs + self._position_rows(memory.used, length)
        for number, layer in enumerate(self._layers):
            hidden = hidden + self._looking_back(layer, layer.norm(hidden), memory, number)
            if layer.cross is not None:
                hidden = self._looking_at_text(layer.cross, hidden, memory, number)
            inner = functional.gelu(layer.widen(layer.last_norm(hidden)))
            hidden = hidden + layer.narrow(inner)
        memory.used += length
        if not whole:
            hidden = hidden[:, -1:]
        logits = self._to_logits(self._norm(hidden)).float()
        logits = logits.view(*logits.shape[:2], self.codebooks, self.codes).transpose(1, 2)
        return logits if whole else logits[:, :, 0]

    def _looking_back(
        self, layer: Layer, hidden: torch.Tensor, memory: KVCache, number: int
    ) -> torch.Tensor:
        query, key, value = self._split(layer.query_key_value(hidden), 3)
        begin, end = memory.used, memory.used + hidden.shape[1]
        keys, values = memory.past[number, 0], memory.past[number, 1]
        keys[:, :, begin:end] = key
        values[:, :, begin:end] = value
        found = functional.scaled_dot_product_attention(
            query.to(self._looking_dtype),
            keys[:, :, :end],
            values[:, :, :end],
            is_causal=hidden.shape[1] > 1,
        )
        return layer.out(self._merged(found))

    def _looking_at_text(
        self, cross: Cross, hidden: torch.Tensor, memory: KVCache, number: int
    ) -> torch.Tensor:
        """Add what the text says to the rows that have one; to the others it says nothing."""
        if not memory.text:
            return hidden
        keys, values = memory.text[number]
        query = self._split(cross.query(cross.norm(hidden)), 1)[0][: len(keys)].to(keys.dtype)
        told = self._merged(functional.scaled_dot_product_attention(query, keys, values))
        silent = len(hidden) - len(told)
        if silent:
            told = functional.pad(told, (0, 0, 0, 0, 0, silent))
        return hidden + cross.out(told)

    def _split(self, rows: torch.Tensor, parts: int) -> torch.Tensor:
        """Return (parts, rows, heads, length, head width) of (rows, length, parts x width)."""
        batch, length = rows.shape[:2]
        head = self.width // self.heads
        return rows.view(batch, length, parts, self.heads, head).permute(2, 0, 3, 1, 4)

    def _merged(self, found: torch.Tensor) -> torch.Tensor:
        return found.transpose(1, 2).reshape(len(found), -1, self.width).to(self.dtype)

    def _position_rows(self, begin: int, length: int) -> torch.Tensor:
        table = self._positions.weights
        if begin + length > len(table):
            self._positions.make_weights(2 * (begin + length), self.width)
            table = self._positions.weights
        if table.dtype != self.dtype or table.device != self.device:
            self._positions.weights = table = table.to(self.device, self.dtype)
        return table[begin : begin + length]

    def _taken(self, layers: Any, number: int) -> Layer:
        made = self._layer(layers[number])
        layers[number] = torch.nn.Identity()
        return made

    def _layer(self, layer: Any) -> Layer:
        own, text = layer.self_attn, getattr(layer, "encoder_attn", None)
        return Layer(
            norm=self._read_norm(layer.self_attn_layer_norm),
            query_key_value=self._linear([own.q_proj.weight, own.k_proj.weight, own.v_proj.weight]),
            out=self._linear([own.out_proj.weight]),
            cross=None
            if text is None
            else Cross(
                norm=self._read_norm(layer.encoder_attn_layer_norm),
                query=self._linear([text.q_proj.weight]),
                key_value=self._linear([text.k_proj.weight, text.v_proj.weight]),
                out=self._linear([text.out_proj.weight]),
            ),
            last_norm=self._read_norm(layer.final_layer_norm),
            widen=self._linear([layer.fc1.weight]),
            narrow=self._linear([layer.fc2.weight]),
        )

    def _linear(self, weights: Sequence[torch.Tensor]) -> Linear:
        whole = torch.cat(list(weights)) if len(weights) > 1 else weights[0]
        return make_linear(whole, self.device, self.dtype, int8=self._int8)

    def _read_norm(self, norm: Any) -> Norm:
        return Norm(
            *(each.detach().to(self.device, self.dtype) for each in (norm.weight, norm.bias))
        )
