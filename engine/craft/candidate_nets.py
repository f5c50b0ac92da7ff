"""Small neural nets that choose the right one of several candidates.

Each candidate is a row of features. The net, with one hidden layer, scores each row, and the
softmax over the rows gives the likelihood of each candidate. The weights in `learned.npz` were
trained by `python -m tools.training.train`.
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
    """Return the likelihood of each candidate; they sum to 1.

    Args:
        name: which net, `tempo`, `bar` or `key`.
        features: (candidates, features), as in the training of that net.
    """
    into, bias, out = _weights(name)
    scores = np.maximum(features @ into + bias, 0.0) @ out
    likely: Floats = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely
