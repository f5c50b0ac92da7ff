"""The autoencoder: from sound to latents and back, in pieces, with ends that meet if asked.

Each latent depends on a known number of latents on either side, the halo, and on nothing else. So
sound can be decoded piece by piece, each with its halo, and is the same as if decoded at once. For
a loop the halo of an end comes from the other end: decoding a rotated loop is rotating the sound.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.nn import functional

from engine.loops.cancel import Check, no_check

PIECE = 64
"""Latents that are decoded at once: six seconds. Attention takes memory by the square of it."""
OnPiece = Callable[[torch.Tensor, int], None]
"""Called with the next sound, (takes, channels, samples), and the number of samples in all."""


class Autoencoder:
    """SAME, as an encoder and a decoder of whole loops."""

    def __init__(self, vae: Any, device: torch.device, dtype: torch.dtype) -> None:
        """Take a loaded `AutoencoderSAME` that computes in `dtype` on `device`."""
        config = vae.config
        self.module = vae
        self.rate = int(config.sampling_rate)
        self.hop = int(vae.downsampling_ratio)
        self.channels = int(config.audio_channels)
        self.width = int(config.latent_dim)
        self.halo = _halo(config)
        self._device, self._dtype = device, dtype

    def encode(self, sound: torch.Tensor, check: Check = no_check) -> torch.Tensor:
        """Return the latents of sound, (1, width, latents) float32.

        Args:
            sound: (channels, samples) at `rate`, in [-1, 1]; padded with zeros to whole latents.
            check: called before each piece.
        """
        total = math.ceil(sound.shape[1] / self.hop)
        sound = functional.pad(sound, (0, total * self.hop - sound.shape[1]))
        pieces = []
        for begin, end, before, after in self._pieces(total, closed=False):
            check()
            part = sound[None, :, (begin - before) * self.hop : (end + after) * self.hop]
            found = self.module.encode(part.to(self._device, self._dtype)).latents
            pieces.append(found[:, :, before : before + end - begin])
        return torch.cat(pieces, dim=2).float()

    def decode(
        self, latents: torch.Tensor, *, closed: bool, on_piece: OnPiece, check: Check = no_check
    ) -> torch.Tensor:
        """Return sound, (takes, channels, samples) float32 on the CPU.

        Args:
            latents: (takes, width, latents).
            closed: let the end run into the beginning.
            on_piece: called with each new piece of sound.
            check: called before each piece.
        """
        total = latents.shape[2]
        pieces = []
        for begin, end, before, after in self._pieces(total, closed=closed):
            check()
            places = torch.arange(begin - before, end + after) % total
            part = latents[:, :, places].to(self._device, self._dtype)
            found = self.module.decode(part).sample
            kept = found[:, :, before * self.hop : (before + end - begin) * self.hop]
            pieces.append(kept.float().cpu())
            on_piece(pieces[-1], total * self.hop)
        return torch.cat(pieces, dim=2)

    def _pieces(self, total: int, *, closed: bool) -> Iterator[tuple[int, int, int, int]]:
        """Yield begin and end of each piece, and how many latents it sees before and after."""
        for begin in range(0, total, PIECE):
            end = min(begin + PIECE, total)
            if closed:
                yield begin, end, self.halo, self.halo
            else:
                yield begin, end, min(self.halo, begin), min(self.halo, total - end)


def _halo(config: Any) -> int:
    """Return how many latents away a latent can be heard: the windows of all layers together."""
    reach, latents = 0.0, 1.0
    # From the coarsest level down; the windows of a finer one are shorter.
    for depth, stride in zip(
        reversed(config.encoder_transformer_depths), reversed(config.encoder_strides), strict=True
    ):
        reach += depth * config.sliding_window * latents
        latents /= stride
    return math.ceil(reach)
