"""Guidance that does not overdo it: adaptive projected guidance (arXiv 2410.02416).

Only what the prompt changes across the prediction counts, and not what makes it stronger; the
change is bounded, and each step's is partly taken back by the next.
"""

import torch

_MOMENTUM = -0.75
_MOST = 2.5
"""The longest change of a channel over time."""


class Guidance:
    """The guidance of one way from noise to latents; it remembers the changes of its steps."""

    def __init__(self, scale: float) -> None:
        """Follow the prompt by `scale`, above 1."""
        self._scale = scale
        self._change: torch.Tensor | None = None

    def __call__(self, told: torch.Tensor, untold: torch.Tensor) -> torch.Tensor:
        """Return a guided prediction.

        Args:
            told: the prediction with the prompt, (takes, width, latents).
            untold: that without it.
        """
        change = told - untold
        if self._change is not None:
            change = change + _MOMENTUM * self._change
        self._change = change
        length = change.norm(dim=2, keepdim=True)
        change = change * (_MOST / length).clamp(max=1.0)
        # As precisely as the device can: what remains is a small difference of large numbers.
        wide = torch.float32 if told.device.type == "mps" else torch.float64
        along = torch.nn.functional.normalize(told.to(wide), dim=2)
        change = change.to(wide)
        across = change - (change * along).sum(dim=2, keepdim=True) * along
        return told + (self._scale - 1) * across.to(told.dtype)
