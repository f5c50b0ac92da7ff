"""Noise for latents."""

import torch


def drawn_noise(
    shape: tuple[int, ...], generators: list[torch.Generator], device: torch.device
) -> torch.Tensor:
    """Return noise, a row of this shape per generator.

    It is drawn on the CPU: a seed gives the same noise on every device.
    """
    return torch.stack([torch.randn(shape, generator=each) for each in generators]).to(device)
