"""Small neural nets that choose the right one of several candidates.

Each candidate is a row of features. The net, with one hidden layer, scores each row, and the
softmax over the rows gives the likelihood of each candidate. The weights in `learned.npz` were
trained by `python -m tools.training.train`.

A net is overconfident about sound unlike that of its training. So a table beside the weights says
how often it is right, by the likelihood that it gives; `python -m tools.training.calibrate` makes
it from loops of other sources.
"""

import functools
import math
from pathlib import Path

import numpy as np

from engine.craft.features import Floats

LEARNED = Path(__file__).with_name("learned.npz")
_LEAST = 1e-6


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


def certainty(kind: str, likelihood: float) -> float:
    """Return how often a choice of that likelihood is right, 0..1.

    Args:
        kind: of what: `whole` of the tempo of a loop of whole bars, `cut` of any other tempo,
            `key` of a key.
        likelihood: that of the choice according to its net, 0..1.
    """
    given, right = _table(kind)
    return float(np.interp(log_odds(likelihood), given, right))


def log_odds(likelihood: float) -> float:
    """Return the logarithm of the odds, which tells apart likelihoods that are nearly 1."""
    within = min(max(likelihood, _LEAST), 1 - _LEAST)
    return math.log(within / (1 - within))


@functools.cache
def _table(kind: str) -> tuple[Floats, Floats]:
    with np.load(LEARNED, allow_pickle=False) as file:
        table = np.asarray(file[f"certainty.{kind}"], np.float64)
    return table[0], table[1]
