"""What MusicGen's decoder computes with at a position: the sum of its tokens, and its place."""

from typing import Any

import torch
from torch.nn import functional


class TokenEmbedding:
    """The tables of one checkpoint's tokens and positions.

    Attributes:
        codebooks: how many tokens a position has.
        codes: how many values a token has.
        pad: the token for "no frame".
        width: of an embedding.
    """

    def __init__(self, decoder: Any, device: torch.device, dtype: torch.dtype) -> None:
        """Take the tables of a library's decoder to a device, in a precision."""
        config, inner = decoder.config, decoder.model.decoder
        self.codebooks, self.codes = int(config.num_codebooks), int(config.vocab_size)
        self.pad, self.width = int(config.vocab_size), int(config.hidden_size)
        self._device, self._dtype = device, dtype
        self._tables = torch.cat([table.weight for table in inner.embed_tokens]).to(device, dtype)
        rows_each = len(inner.embed_tokens[0].weight)
        self._first_rows = torch.arange(self.codebooks, device=device) * rows_each
        self._scale = config.hidden_size**0.5 if config.scale_embedding else 1.0
        self._positions = inner.embed_positions

    def tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (rows, codebooks, length)."""
        places = tokens + self._first_rows[None, :, None]
        found = functional.embedding(places, self._tables).sum(dim=1)
        return found * self._scale if self._scale != 1.0 else found

    def positions(self, begin: int, length: int) -> torch.Tensor:
        """Return (length, width), what is added at `length` positions from `begin` on."""
        table = self._positions.weights
        if begin + length > len(table):
            self._positions.make_weights(2 * (begin + length), self.width)
            table = self._positions.weights
        if table.dtype != self._dtype or table.device != self._device:
            self._positions.weights = table = table.to(self._device, self._dtype)
        return table[begin : begin + length]
