"""MusicGen's transformer, with everything constant computed once.

The weights are those of the library's decoder; the computation differs: query, key and value in one
product, the keys and values of the text once per request, those of earlier positions in one
preallocated cache, the heads of all codebooks in one product. A row is one take, conditional or
unconditional; no row depends on its neighbours.
"""

import dataclasses
from typing import Any

import torch
from torch.nn import functional

from engine.generators.linear import Linear, make_linear
from engine.generators.musicgen.embedding import TokenEmbedding
from engine.generators.musicgen.layers import CrossAttention, Layer, LayerReader
from engine.loops.cancel import Check, no_check


@dataclasses.dataclass(frozen=True)
class Norm:
    """A layer norm: its weight and bias, (width,)."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Normalise the last dimension; the epsilon is that of torch's LayerNorm."""
        return functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, 1e-5)


@dataclasses.dataclass
class KVCache:
    """The attention cache of the rows of one pass.

    Attributes:
        key_values: (layers, 2, rows, heads, positions, head width) of the earlier positions.
        text: for each layer the keys and values of the text, each (rows with text, heads, length,
            head width); the rows with text come first, the others have none.
        used: how many positions are filled.
    """

    key_values: torch.Tensor
    text: list[tuple[torch.Tensor, torch.Tensor]]
    used: int = 0


class Transformer:
    """The decoder of one checkpoint."""

    def __init__(
        self, decoder: Any, device: torch.device, dtype: torch.dtype, *, int8: bool = False
    ) -> None:
        """Take the weights of a library's decoder (`MusicgenForCausalLM` or the melody model's).

        Args:
            decoder: in float32; its layers are emptied one by one, so that little is held twice.
            device: where to compute.
            dtype: the precision; bfloat16 if `int8`.
            int8: keep the matrices in 8 bits (CPU only).
        """
        self.device, self.dtype, self._int8 = device, dtype, int8
        # On a CPU, torch's attention for one position takes twice as long in bfloat16, and three
        # times as long if a long cache is converted for each position.
        self._attention_dtype = torch.float32 if device.type == "cpu" else dtype
        self._embedding = TokenEmbedding(decoder, device, dtype)
        self.codebooks, self.codes = self._embedding.codebooks, self._embedding.codes
        self.pad, self.width = self._embedding.pad, self._embedding.width
        self.heads = decoder.config.num_attention_heads
        reader = LayerReader(self._linear, self._read_norm)
        self._layers = reader.take_layers(decoder.model.decoder.layers)
        self._norm = reader.read_norm(decoder.model.decoder.layer_norm)
        self._to_logits = reader.joined([head.weight for head in decoder.lm_heads])

    def new_cache(self, rows: int, positions: int, text: torch.Tensor | None) -> KVCache:
        """Return what `rows` rows remember; see `TokenTransformer`."""
        head = self.width // self.heads
        shape = (len(self._layers), 2, rows, self.heads, positions, head)
        past = torch.empty(shape, dtype=self._attention_dtype, device=self.device)
        if text is None or self._layers[0].cross is None:
            return KVCache(past, [])
        states = text.to(self.device, self.dtype)
        pairs = [
            self._split_heads(layer.cross.key_value(states), 2).to(self._attention_dtype)
            for layer in self._layers
            if layer.cross
        ]
        return KVCache(past, [(pair[0], pair[1]) for pair in pairs])

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (rows, codebooks, length)."""
        return self._embedding.tokens(tokens)

    def advance(
        self,
        inputs: torch.Tensor,
        cache: KVCache,
        *,
        whole: bool = False,
        check: Check = no_check,
    ) -> torch.Tensor:
        """Process the next positions; see `TokenTransformer`. `check` is called at each layer."""
        length = inputs.shape[1]
        hidden = inputs + self._embedding.positions(cache.used, length)
        for number, layer in enumerate(self._layers):
            check()
            hidden = hidden + self._self_attention(layer, layer.norm(hidden), cache, number)
            if layer.cross is not None:
                hidden = self._cross_attention(layer.cross, hidden, cache, number)
            inner = functional.gelu(layer.fc1(layer.final_norm(hidden)))
            hidden = hidden + layer.fc2(inner)
        cache.used += length
        if not whole:
            hidden = hidden[:, -1:]
        logits = self._to_logits(self._norm(hidden)).float()
        logits = logits.view(*logits.shape[:2], self.codebooks, self.codes).transpose(1, 2)
        return logits if whole else logits[:, :, 0]

    def _self_attention(
        self, layer: Layer[torch.Tensor], hidden: torch.Tensor, cache: KVCache, number: int
    ) -> torch.Tensor:
        query, key, value = self._split_heads(layer.query_key_value(hidden), 3)
        begin, end = cache.used, cache.used + hidden.shape[1]
        keys, values = cache.key_values[number, 0], cache.key_values[number, 1]
        keys[:, :, begin:end] = key
        values[:, :, begin:end] = value
        found = functional.scaled_dot_product_attention(
            query.to(self._attention_dtype),
            keys[:, :, :end],
            values[:, :, :end],
            is_causal=hidden.shape[1] > 1,
        )
        return layer.out(self._merge_heads(found))

    def _cross_attention(
        self, cross: CrossAttention[torch.Tensor], hidden: torch.Tensor, cache: KVCache, number: int
    ) -> torch.Tensor:
        """Attend to the text in the rows that have one; the others get zeros before the output."""
        if not cache.text:
            return hidden
        keys, values = cache.text[number]
        query = self._split_heads(cross.query(cross.norm(hidden)), 1)[0][: len(keys)].to(keys.dtype)
        attended = self._merge_heads(functional.scaled_dot_product_attention(query, keys, values))
        silent = len(hidden) - len(attended)
        if silent:
            attended = functional.pad(attended, (0, 0, 0, 0, 0, silent))
        return hidden + cross.out(attended)

    def _split_heads(self, rows: torch.Tensor, parts: int) -> torch.Tensor:
        """Return (parts, rows, heads, length, head width) of (rows, length, parts x width)."""
        batch, length = rows.shape[:2]
        head = self.width // self.heads
        return rows.view(batch, length, parts, self.heads, head).permute(2, 0, 3, 1, 4)

    def _merge_heads(self, found: torch.Tensor) -> torch.Tensor:
        return found.transpose(1, 2).reshape(len(found), -1, self.width).to(self.dtype)

    def _linear(self, weight: torch.Tensor) -> Linear:
        return make_linear(weight, self.device, self.dtype, int8=self._int8)

    def _read_norm(self, weight: torch.Tensor, bias: torch.Tensor) -> Norm:
        return Norm(weight.to(self.device, self.dtype), bias.to(self.device, self.dtype))
