"""The HiFi-GAN vocoder, computed in the layout that processors are fast in.

The same arithmetic as the library's SpeechT5HifiGan with the same weights, but as 2-D convolutions
of height 1 whose channels lie side by side in memory: the library's 1-D ones spend half of a
bfloat16 run on copying from one layout to another. On a CPU, what follows a convolution (a leaky
ReLU, the sum with what it is the residual of) is computed in the same pass over the memory.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.generators.packed import PackedConv2d

_LAYOUT = torch.channels_last


class FlatVocoder(nn.Module):
    """Log-mel spectrograms to sound; made from a SpeechT5HifiGan."""

    def __init__(self, vocoder: Any) -> None:
        """Take over the weights of `vocoder`, copied into the other layout."""
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
        """Return sound of (batch, samples), -1..1, for (batch, frames, bins)."""
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
                sound = second.fused(first.fused(begun, leaky_slope=slope), add=sound)
            else:
                sound = second(functional.leaky_relu(first(begun), slope)) + sound
        return sound


def _flat(conv: Any) -> nn.Module:
    """Return the 2-D convolution of height 1 that does what a 1-D one does."""
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
