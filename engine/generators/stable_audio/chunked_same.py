"""The small autoencoder of Stable Audio 3, which sees chunks of two latents instead of a window.

The first half of its layers sees each chunk by itself. The second half sees chunks that begin half
a chunk later, so that what is next to each other meets in one of them.
"""

import warnings
from typing import Any

import torch
from torch import nn
from torch.nn.utils import weight_norm


class ChunkedLevel(nn.Module):
    """A level of the autoencoder, from the modules of the library's own, which sees a window."""

    def __init__(self, level: Any, chunk: int, *, smooth: bool) -> None:
        """Take the modules of a level.

        Args:
            level: the library's.
            chunk: how many latents of it make a chunk; even.
            smooth: whether its mapping sees the neighbours of a place, too.
        """
        super().__init__()
        self._encodes: bool = level.mode == "encoder"
        self._stride: int = level.stride
        self._chunk = chunk
        self.mapping = level.mapping
        if smooth:
            wide = nn.Conv1d(level.in_channels, level.out_channels, 3, padding=1)
            with warnings.catch_warnings():  # The library uses this older way of torch, too.
                warnings.simplefilter("ignore", FutureWarning)
                self.mapping = weight_norm(wide)
        self.transformers = level.transformers
        self.new_tokens = level.new_tokens

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a level finer or coarser, (takes, width, length); ends are filled up to chunks."""
        given = self._stride if self._encodes else 1
        x = nn.functional.pad(x, (0, -x.shape[2] % (given * self._chunk)))
        if self._encodes:
            x = self.mapping(x)
        takes, width, length = x.shape
        segments = x.transpose(1, 2).reshape(takes, length // given, given, width)
        made = 1 if self._encodes else self._stride
        new = self.new_tokens.expand(takes, length // given, made, -1)
        x = torch.cat([segments, new], dim=2)
        tokens = given + made
        x = self._attended(x.reshape(takes, -1, width), tokens)
        x = x.reshape(takes, -1, tokens, width)[:, :, given:]
        x = x.reshape(takes, -1, width).transpose(1, 2)
        return x if self._encodes else self.mapping(x)

    def _attended(self, x: torch.Tensor, tokens: int) -> torch.Tensor:
        """Run all layers; `tokens` are those of a latent."""
        half, moved = len(self.transformers) // 2, tokens * self._chunk // 2
        x = self._in_chunks(x, tokens, slice(None, half))
        x = torch.cat([x[:, :moved], x, x[:, -moved:]], dim=1)
        return self._in_chunks(x, tokens, slice(half, None))[:, moved:-moved]

    def _in_chunks(self, x: torch.Tensor, tokens: int, layers: slice) -> torch.Tensor:
        chunks = x.reshape(-1, tokens * self._chunk, x.shape[2])
        for layer in self.transformers[layers]:
            chunks = layer(chunks)
        return chunks.reshape(x.shape)


def see_chunks(vae: Any, chunk: int) -> None:
    """Let an `AutoencoderSAME` of one level see chunks of so many latents."""
    (encoder,), (decoder,) = vae.encoder.blocks, vae.decoder.blocks
    vae.encoder.blocks[0] = ChunkedLevel(encoder, chunk, smooth=False)
    vae.decoder.blocks[0] = ChunkedLevel(decoder, chunk, smooth=True)
    vae.register_to_config(chunk=chunk)
