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
from torch import nn
from torch.nn import functional
from torch.nn.utils import remove_weight_norm

from engine.generators.interface import ReportProgress
from engine.loops.cancel import Check, no_check

_PIECE_SAMPLES = 64 * 4096
"""How much is decoded at once: six seconds. Attention takes memory by the square of it."""
OnPiece = Callable[[torch.Tensor, int], None]
"""Called with the next sound, (takes, channels, samples), and the number of samples in all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Autoencoder:
    """An encoder and a decoder of whole loops.

    Attributes:
        encode_part: latents of sound, (1, channels, samples).
        decode_part: sound of latents, (takes, width, latents).
        rate: of the sound, in Hz.
        hop: samples in a latent.
        channels: of the sound.
        width: of a latent.
        halo: how many latents away a latent can be heard.
        piece: how many latents are encoded or decoded at once.
        unit: a loop of a multiple of so many latents closes exactly.
        device: where it computes.
        dtype: in which precision.
    """

    encode_part: Callable[[torch.Tensor], torch.Tensor]
    decode_part: Callable[[torch.Tensor], torch.Tensor]
    rate: int
    hop: int
    channels: int
    width: int
    halo: int
    piece: int
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
        for begin, end, before, after in self._pieces(total, closed=False):
            check()
            part = sound[None, :, (begin - before) * self.hop : (end + after) * self.hop]
            found = self.encode_part(part.to(self.device, self.dtype))
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
            found = self.decode_part(latents[:, :, places].to(self.device, self.dtype))
            kept = found[:, :, before * self.hop : (before + end - begin) * self.hop]
            pieces.append(kept.float().cpu())
            on_piece(pieces[-1], total * self.hop)
        return torch.cat(pieces, dim=2)

    def _pieces(self, total: int, *, closed: bool) -> Iterator[tuple[int, int, int, int]]:
        """Yield begin and end of each piece, and how many latents it sees before and after."""
        for begin in range(0, total, self.piece):
            end = min(begin + self.piece, total)
            if closed:
                yield begin, end, self.halo, self.halo
            else:
                yield begin, end, min(self.halo, begin), min(self.halo, total - end)


def same(vae: Any, device: torch.device, dtype: torch.dtype) -> Autoencoder:
    """Return that of Stable Audio 3: layers of attention, which see a window or chunks."""
    config = vae.config
    chunk = int(config.get("chunk", 0))
    return Autoencoder(
        encode_part=lambda sound: vae.encode(sound).latents,
        decode_part=lambda latents: vae.decode(latents).sample,
        rate=int(config.sampling_rate),
        hop=int(vae.downsampling_ratio),
        channels=int(config.audio_channels),
        width=int(config.latent_dim),
        # Two by the chunks and one by the last layer; a piece begins with a chunk.
        halo=math.ceil(3 / chunk) * chunk if chunk else _reach_of_windows(config),
        piece=_PIECE_SAMPLES // int(vae.downsampling_ratio),
        unit=chunk or 1,
        device=device,
        dtype=dtype,
    )


def _reach_of_windows(config: Any) -> int:
    reach, latents = 0.0, 1.0
    # From the coarsest level down; the windows of a finer one are shorter.
    for depth, stride in zip(
        reversed(config.encoder_transformer_depths), reversed(config.encoder_strides), strict=True
    ):
        reach += depth * config.sliding_window * latents
        latents /= stride
    return math.ceil(reach)


def oobleck(vae: Any, device: torch.device, dtype: torch.dtype) -> Autoencoder:
    """Return that of Stable Audio Open and ACE-Step: convolutions, one level after the other.

    Its encoder says how certain it is; the middle is taken, so that a sound has one set of latents.
    """
    config = vae.config
    reach, samples = 3.0, 1
    for stride in reversed(config.downsampling_ratios):
        reach += 1 / samples  # the convolution that goes to the finer level
        samples *= stride
        reach += 3 * (1 + 3 + 9) / samples  # three of width 7, with these dilations
    return Autoencoder(
        encode_part=lambda sound: vae.encode(sound).latent_dist.mode(),
        decode_part=lambda latents: vae.decode(latents).sample,
        rate=int(config.sampling_rate),
        hop=int(vae.hop_length),
        channels=int(config.audio_channels),
        width=int(config.decoder_input_channels),
        halo=math.ceil(reach + 3 / samples) + 1,
        piece=_PIECE_SAMPLES // samples,
        device=device,
        dtype=dtype,
    )


def fold_weight_norms(vae: torch.nn.Module) -> None:
    """Fold the norms of a coder's weights into them: they take 40 % of the time of a step."""
    for module in vae.modules():
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d) and hasattr(module, "weight_g"):
            remove_weight_norm(module)


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
