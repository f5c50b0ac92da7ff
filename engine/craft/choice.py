"""Choosing among candidates by a small net that was taught which one is right.

Each candidate is a row of features; the net, of one hidden layer, gives each row a score, and the
softmax over the rows is how likely each candidate is. The weights in `learned.npz` were taught by
`python -m tools.training.train`.
"""

import functools
from pathlib import Path

import numpy as np

from engine.craft.features import Floats

LEARNED = Path(__file__).with_name("learned.npz")


@functools.cache
def _weights(name: str) -> tuple[Floats, Floats, Floats]:
    with np.load(LEARNED, allow_pickle=False) as file:
        into, bias, out = (
            np.asarray(file[f"{name}.{part}"], np.float64) for part in ("into", "bias", "out")
        )
    return into, bias, out


def likelihoods(name: str, features: Floats) -> Floats:
    """Return how likely each candidate is, all together 1.

    Args:
        name: which net, `tempo`, `bar` or `key`.
        features: (candidates, features), as that net was taught.
    """
    into, bias, out = _weights(name)
    scores = np.maximum(features @ into + bias, 0.0) @ out
    likely: Floats = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely
