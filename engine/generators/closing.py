"""Lets a transformer make loops: its end must lead into its beginning.

A transformer has positions, so it knows where its latents begin and end. The latents are a
circle for us: before each step they are turned by a random number of places, and the prediction is
turned back. Each step joins the ends of the row at another place, so that none is the seam.
"""

from collections.abc import Callable

import torch

Predict = Callable[[torch.Tensor, float], torch.Tensor]
"""Given noisy latents, (takes, width, latents), and their noise level, returns what the model sees
in them: clean latents, or the way there."""


def turned_each_step(predict: Predict, seeds: tuple[int, ...]) -> Predict:
    """Return a model that sees its latents turned by another number of places at each step.

    Args:
        predict: the model.
        seeds: of the turns, one per take, so that a take does not depend on the others.
    """
    chances = [torch.Generator().manual_seed(seed) for seed in seeds]

    def turned(latents: torch.Tensor, level: float) -> torch.Tensor:
        length = latents.shape[2]
        places = [int(torch.randint(length, (1,), generator=chance)) for chance in chances]
        return _turned(predict(_turned(latents, places), level), [-place for place in places])

    return turned


def _turned(latents: torch.Tensor, places: list[int]) -> torch.Tensor:
    rows = [row.roll(place, dims=1) for row, place in zip(latents, places, strict=True)]
    return torch.stack(rows)
