"""The autoencoder: from sound to latents and back, in pieces, with ends that meet if asked.

Each latent depends on a known number of latents on either side, the halo, and on nothing else. So
sound can be decoded piece by piece, each with its halo, and is the same as if decoded at once. For
a loop the halo of an end comes from the other end: decoding a rotated loop is rotating the sound.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_oobleck import Snake1d
from torch import nn
from torch.nn import functional
from torch.nn.utils import remove_weight_norm

from engine.generators.decoders import OobleckDecoder, SameDecoder, Snake
from engine.generators.interface import ReportProgress
from engine.loops.cancel import Check, no_check

_ENCODED_SAMPLES = 64 * 4096
"""How much is encoded at once: six seconds. The attention of SAME takes memory by its square."""
_SAME_SAMPLES, _OOBLECK_SAMPLES = 128 * 4096, 32 * 4096
"""How much is decoded at once, after the first second: twelve and three seconds."""
OnPiece = Callable[[torch.Tensor, int], None]
"""Called with the next sound, (takes, channels, samples), and the number of samples in all."""
DecodePart = Callable[[torch.Tensor, int, int], torch.Tensor]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Autoencoder:
    """An encoder and a decoder of whole loops.

    Attributes:
        encode_part: latents of sound, (1, channels, samples).
        decode_part: sound of latents, (takes, width, latents), without that of so many of them at
            the beginning and at the end, which are only heard.
        rate: of the sound, in Hz.
        hop: samples in a latent.
        channels: of the sound.
        width: of a latent.
        halo: how many latents away a latent can be heard.
        piece: how many latents are encoded at once.
        decoded_piece: how many are decoded at once, after the first second.
        unit: a loop of a multiple of so many latents closes exactly.
        device: where it computes.
        dtype: in which precision.
    """

    encode_part: Callable[[torch.Tensor], torch.Tensor]
    decode_part: DecodePart
    rate: int
    hop: int
    channels: int
    width: int
    halo: int
    piece: int
    decoded_piece: int
    device: torch.device
    dtype: torch.dtype
    unit: int = 1

    def encode(self, sound: torch.Tensor, check: Check = no_check) -> torch.Tensor:
        """Return the latents of sound, (1, width, latents) float32.

        Args:
            sound: (channels, samples) at `rate`, in [-1, 1]; padded with zeros to whole latents.
            check: called before each piece.
        """
        total = math.ceil(sound.shape[1] / self.hop)
        sound = functional.pad(sound, (0, total * self.hop - sound.shape[1]))
        pieces = []
        for begin, end, before, after in self._pieces(total, self.piece, self.piece):
            check()
            part = sound[None, :, (begin - before) * self.hop : (end + after) * self.hop]
            found = self.encode_part(part.to(self.device, self.dtype))
            pieces.append(found[:, :, before : before + end - begin])
        return torch.cat(pieces, dim=2).float()

    def decode(
        self, latents: torch.Tensor, *, closed: bool, on_piece: OnPiece, check: Check = no_check
    ) -> torch.Tensor:
        """Return sound, (takes, channels, samples) float32 on the CPU; first its first second.

        Args:
            latents: (takes, width, latents).
            closed: let the end run into the beginning.
            on_piece: called with each new piece of sound.
            check: called before each piece.
        """
        total = latents.shape[2]
        pieces = []
        first = min(self.decoded_piece, math.ceil(self.rate / self.hop / self.unit) * self.unit)
        sizes = first, self.decoded_piece
        for begin, end, before, after in self._pieces(total, *sizes, closed=closed):
            check()
            places = torch.arange(begin - before, end + after) % total
            part = latents[:, :, places].to(self.device, self.dtype)
            pieces.append(self.decode_part(part, before, after).float().cpu())
            on_piece(pieces[-1], total * self.hop)
        return torch.cat(pieces, dim=2)

    def _pieces(
        self, total: int, first: int, each: int, *, closed: bool = False
    ) -> Iterator[tuple[int, int, int, int]]:
        """Yield begin and end of each piece, and how many latents it sees before and after."""
        begin, end = 0, min(first, total)
        while begin < total:
            if closed:
                yield begin, end, self.halo, self.halo
            else:
                yield begin, end, min(self.halo, begin), min(self.halo, total - end)
            begin, end = end, min(end + each, total)


def same(vae: Any, device: torch.device, dtype: torch.dtype) -> Autoencoder:
    """Return that of Stable Audio 3: layers of attention, which see a window or chunks."""
    config, hop = vae.config, int(vae.downsampling_ratio)
    chunk = int(config.get("chunk", 0))
    decode_part: DecodePart
    if chunk:  # Two are heard by the chunks and one by the last layer; a piece begins with a chunk.
        decode_part, halo = _cutting(vae, hop), math.ceil(3 / chunk) * chunk
    else:
        decoder = SameDecoder(vae)
        decode_part, halo = decoder, decoder.halo
    return Autoencoder(
        encode_part=lambda sound: vae.encode(sound).latents,
        decode_part=decode_part,
        rate=int(config.sampling_rate),
        hop=hop,
        channels=int(config.audio_channels),
        width=int(config.latent_dim),
        halo=halo,
        piece=_ENCODED_SAMPLES // hop,
        decoded_piece=_SAME_SAMPLES // hop,
        unit=chunk or 1,
        device=device,
        dtype=dtype,
    )


def _cutting(vae: Any, hop: int) -> DecodePart:
    """Return the library's decoder as a `decode_part`."""

    def decode_part(latents: torch.Tensor, before: int, after: int) -> torch.Tensor:
        sound: torch.Tensor = vae.decode(latents).sample
        return sound[:, :, before * hop : (latents.shape[2] - after) * hop]

    return decode_part


def oobleck(vae: Any, device: torch.device, dtype: torch.dtype) -> Autoencoder:
    """Return that of Stable Audio Open and ACE-Step: convolutions, one level after the other.

    Its encoder says how certain it is; the middle is taken, so that a sound has one set of latents.
    """
    config, decoder = vae.config, OobleckDecoder(vae)
    hop = int(vae.hop_length)
    return Autoencoder(
        encode_part=lambda sound: vae.encode(sound).latent_dist.mode(),
        decode_part=decoder,
        rate=int(config.sampling_rate),
        hop=hop,
        channels=int(config.audio_channels),
        width=int(config.decoder_input_channels),
        halo=decoder.halo,
        piece=_ENCODED_SAMPLES // hop,
        decoded_piece=_OOBLECK_SAMPLES // hop,
        device=device,
        dtype=dtype,
    )


def lighten(vae: torch.nn.Module) -> None:
    """Fold the norms of a coder's weights into them, which take 40 % of the time of a step.

    The activations of Oobleck are computed with less memory.
    """
    for module in vae.modules():
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d) and hasattr(module, "weight_g"):
            remove_weight_norm(module)
    for parent in list(vae.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Snake1d):
                setattr(parent, name, Snake(child))


def reporting(report: ReportProgress, begin: float, on_piece: OnPiece | None) -> OnPiece:
    """Return what reports the progress of decoding, from `begin` to 1, and passes pieces on."""
    report(begin, "decoding")
    done = 0

    def told(piece: torch.Tensor, samples: int) -> None:
        nonlocal done
        done += piece.shape[2]
        report(begin + (1 - begin) * done / samples, "decoding")
        if on_piece is not None:
            on_piece(piece, samples)

    return told
