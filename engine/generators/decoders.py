"""The decoders of SAME and Oobleck, on the library's layers.

What is kept of a piece needs less around it in each layer than in the one before. So what no later
layer needs is cut off after each one, where the library computes all of it; and the places of SAME
attend to those in their window, not to all to use the few nearest.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

_TOGETHER = 64
"""So many places attend to what is around them in one product."""


class SameDecoder:
    """The decoder of Stable Audio 3: layers of attention, each with a window."""

    def __init__(self, vae: Any) -> None:
        """Use the layers of the library's `AutoencoderSAME`."""
        self._vae = vae
        need, needs = 0, []
        for block in reversed(vae.decoder.blocks):
            need = -(-need // block.stride)
            layers = len(block.transformers)
            needs.append([need + block.sliding_window * later for later in reversed(range(layers))])
            need += block.sliding_window * layers
        self._needs = needs[::-1]
        self.halo = need

    def __call__(self, latents: torch.Tensor, before: int, after: int) -> torch.Tensor:
        """Return the sound of latents; see `Autoencoder.decode_part`."""
        vae = self._vae
        found = vae.decoder.proj(vae.bottleneck.decode(latents).transpose(1, 2))
        for block, needs in zip(vae.decoder.blocks, self._needs, strict=True):
            found, before, after = _resampled(block, found, needs, before, after)
        lying = found[:, before : found.shape[1] - after].transpose(1, 2)
        sound: torch.Tensor = vae.patch_embed.decode(lying)
        return sound


def _resampled(
    block: Any, latents: torch.Tensor, needs: list[int], before: int, after: int
) -> tuple[torch.Tensor, int, int]:
    """Return a finer level, (rows, places, width), and how much of it is around what is kept."""
    rows, length, width = latents.shape
    each = 1 + block.stride
    new = block.new_tokens[:, None].expand(rows, length, block.stride, width)
    places = torch.cat([latents[:, :, None], new], dim=2).flatten(1, 2)
    for layer, need in zip(block.transformers, needs, strict=True):
        states = layer.norm_attn(places)
        places = places + _of_the_nearest(layer.attn, states, block.sliding_window * each)
        left, right = max(0, before - need), max(0, after - need)
        before, after = before - left, after - right
        places = places[:, left * each : places.shape[1] - right * each]
        places = places + layer.ff(layer.norm_ff(places))
    found = places.reshape(rows, -1, each, width)[:, :, 1:].flatten(1, 2)
    found = block.mapping(found.transpose(1, 2)).transpose(1, 2)
    return found, before * block.stride, after * block.stride


def _of_the_nearest(attn: Any, states: torch.Tensor, window: int) -> torch.Tensor:
    """Return what each of (rows, places, width) hears of those up to `window` places away."""
    rows, length, _ = states.shape
    maps = 2 if attn.use_differential else 1
    parts = attn.to_qkv(states).unflatten(-1, (2 * maps + 1, attn.heads, attn.dim_heads))
    angles = attn.rope(length, states.device)[:, None, None].float()
    turn = angles.cos(), angles.sin()
    query, key = (
        _turned(norm(each), turn).flatten(2, 3)
        for norm, each in zip(
            (attn.q_norm, attn.k_norm), parts[:, :, :-1].split(maps, dim=2), strict=True
        )
    )
    value = parts[:, :, -1].repeat(1, 1, maps, 1)
    blocks = -(-length // _TOGETHER)
    beyond = blocks * _TOGETHER - length
    query = functional.pad(query, (0, 0, 0, 0, 0, beyond))
    query = query.reshape(rows, blocks, _TOGETHER, *query.shape[2:])
    around = _TOGETHER + 2 * window
    key, value = (
        functional.pad(each, (0, 0, 0, 0, window, window + beyond)).unfold(1, around, _TOGETHER)
        for each in (key, value)
    )
    heard = _heard(length, blocks, window, states.device)
    found = functional.scaled_dot_product_attention(
        query.transpose(2, 3).flatten(0, 1),
        key.permute(0, 1, 2, 4, 3).flatten(0, 1),
        value.permute(0, 1, 2, 4, 3).flatten(0, 1),
        attn_mask=heard.repeat(rows, 1, 1)[:, None],
    )
    found = found.transpose(1, 2).reshape(rows, blocks * _TOGETHER, -1)[:, :length]
    if maps == 2:
        plus, minus = found.chunk(2, dim=2)
        found = plus - minus
    result: torch.Tensor = attn.to_out(found)
    return result


def _heard(length: int, blocks: int, window: int, device: torch.device) -> torch.Tensor:
    """Return what each place of a block hears of those around it, (blocks, places, around)."""
    other = torch.arange(_TOGETHER + 2 * window, device=device)
    at = torch.arange(_TOGETHER, device=device)[:, None] + window
    nearest = (other - at).abs() <= window
    place = torch.arange(blocks, device=device)[:, None] * _TOGETHER + other - window
    there = (place >= 0) & (place < length)
    # A place beyond the end hears itself, since it must hear something.
    return (nearest & there[:, None]) | (other == at)


def _turned(parts: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Return (rows, places, maps, heads, width) with the first part of the width turned."""
    cosine, sine = turn
    wide = parts[..., : cosine.shape[-1]].float()
    first, second = wide.chunk(2, dim=-1)
    turned = wide * cosine + torch.cat([-second, first], dim=-1) * sine
    return torch.cat([turned.to(parts.dtype), parts[..., cosine.shape[-1] :]], dim=-1)


class OobleckDecoder:
    """The decoder of Stable Audio Open and ACE-Step: convolutions, one level after the other."""

    def __init__(self, vae: Any) -> None:
        """Use the layers of the library's `AutoencoderOobleck`."""
        self._decoder = vae.decoder
        need, needs = 3, []  # The last convolution has a width of 7.
        for stride in vae.config.downsampling_ratios:
            needs.append((stride, need))
            need += 3 * (1 + 3 + 9)  # three of width 7, with these dilations
            need = -(-need // stride) + 1  # the convolution that goes to the finer level
        self._needs = needs[::-1]
        self.halo = need + 3

    def __call__(self, latents: torch.Tensor, before: int, after: int) -> torch.Tensor:
        """Return the sound of latents; see `Autoencoder.decode_part`."""
        decoder = self._decoder
        found = decoder.conv1(latents)
        for block, (stride, need) in zip(decoder.block, self._needs, strict=True):
            found = block(found)
            left, right = max(0, before * stride - need), max(0, after * stride - need)
            before, after = before * stride - left, after * stride - right
            found = found[:, :, left : found.shape[2] - right]
        sound: torch.Tensor = decoder.conv2(decoder.snake1(found))
        return sound[:, :, before : sound.shape[2] - after]


class Snake(nn.Module):
    """The library's activation, x + sin(alpha x)^2 / beta, with less memory."""

    alpha: torch.Tensor
    share: torch.Tensor

    def __init__(self, snake: Any) -> None:
        """Take the weights of the library's `Snake1d`."""
        super().__init__()
        alpha, beta = (
            weight.detach().exp() if snake.logscale else weight.detach()
            for weight in (snake.alpha, snake.beta)
        )
        self.register_buffer("alpha", alpha, persistent=False)
        self.register_buffer("share", (beta + 1e-9).reciprocal(), persistent=False)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return (rows, channels, places)."""
        waves = (values * self.alpha).sin_().square_()
        return torch.addcmul(values, waves, self.share, out=waves)
