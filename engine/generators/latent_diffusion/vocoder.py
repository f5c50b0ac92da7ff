"""The HiFi-GAN vocoder, in the memory layout that is fastest.

The arithmetic and weights are those of the library's SpeechT5HifiGan, but as 2-D convolutions of
height 1 in the channels-last layout: the library's 1-D ones spend half of a bfloat16 run copying
between layouts. On a CPU, the operation after a convolution (a leaky ReLU, or adding the residual)
is computed in the same pass over memory.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.generators.packed import PackedConv2d

_LAYOUT = torch.channels_last


class FlatVocoder(nn.Module):
    """Converts log-mel spectrograms to audio; made from a SpeechT5HifiGan."""

    def __init__(self, vocoder: Any) -> None:
        """Copy the weights of `vocoder` into the other layout."""
        super().__init__()
        self.config = vocoder.config
        self.mean: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("mean", vocoder.mean.detach())
        self.register_buffer("scale", vocoder.scale.detach())
        self.conv_pre = _flat(vocoder.conv_pre)
        self.upsampler = nn.ModuleList(_flat(each) for each in vocoder.upsampler)
        self.resblocks = nn.ModuleList(
            nn.ModuleList(
                nn.ModuleList([_flat(first), _flat(second)])
                for first, second in zip(block.convs1, block.convs2, strict=True)
            )
            for block in vocoder.resblocks
        )
        self.conv_post = _flat(vocoder.conv_post)
        self.requires_grad_(requires_grad=False).eval()

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Return audio of (batch, samples), -1..1, for (batch, frames, bins)."""
        if self.config.normalize_before:
            mel = (mel - self.mean) / self.scale
        slope = self.config.leaky_relu_slope
        kernels = len(self.config.resblock_kernel_sizes)
        sound = self.conv_pre(mel.transpose(1, 2)[:, :, None].contiguous(memory_format=_LAYOUT))
        for level, upsample in enumerate(self.upsampler):
            sound = upsample(functional.leaky_relu(sound, slope))
            blocks = self.resblocks[level * kernels : (level + 1) * kernels]
            total = self._residual(blocks[0], sound)
            for block in blocks[1:]:
                total += self._residual(block, sound)
            sound = total / kernels
        sound = self.conv_post(functional.leaky_relu(sound))
        return torch.tanh(sound)[:, 0, 0]

    def _residual(self, block: Any, sound: torch.Tensor) -> torch.Tensor:
        slope = self.config.leaky_relu_slope
        for first, second in block:
            begun = functional.leaky_relu(sound, slope)
            if isinstance(first, PackedConv2d):
                sound = second(first(begun, leaky_slope=slope), add=sound)
            else:
                sound = second(functional.leaky_relu(first(begun), slope)) + sound
        return sound


def _flat(conv: Any) -> nn.Module:
    """Return the 2-D convolution of height 1 that equals a 1-D one."""
    cls = nn.ConvTranspose2d if isinstance(conv, nn.ConvTranspose1d) else nn.Conv2d
    with torch.device("meta"):
        made = cls(
            conv.in_channels,
            conv.out_channels,
            (1, *conv.kernel_size),
            stride=(1, *conv.stride),
            padding=(0, *conv.padding),
            dilation=(1, *conv.dilation),
        )
    weight = conv.weight.detach()[:, :, None].contiguous(memory_format=_LAYOUT)
    made.weight = nn.Parameter(weight, requires_grad=False)
    made.bias = nn.Parameter(conv.bias.detach(), requires_grad=False)
    return made
