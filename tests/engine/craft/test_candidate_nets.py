"""The taught nets, as they are shipped."""

import numpy as np
import pytest

from engine.craft.candidate_nets import LEARNED, certainty, likelihoods


@pytest.mark.parametrize("name", ["tempo", "bar", "key"])
def test_likelihoods_sum_to_one(name):
    with np.load(LEARNED, allow_pickle=False) as file:
        size = len(file[f"{name}.into"])
    found = likelihoods(name, np.random.default_rng(1).standard_normal((7, size)))
    assert found.shape == (7,)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1.0)


def test_extreme_features_give_no_infinities():
    with np.load(LEARNED, allow_pickle=False) as file:
        size = len(file["bar.into"])
    assert np.isfinite(likelihoods("bar", np.full((16, size), 1e6))).all()


@pytest.mark.parametrize("kind", ["whole", "cut"])
def test_certainty_rises_with_the_likelihood_and_is_never_complete(kind):
    found = [certainty(kind, likelihood) for likelihood in (0.0, 0.3, 0.6, 0.9, 0.99, 1.0)]
    assert found == sorted(found)
    assert 0.1 < found[0] < 0.8 < found[-1] < 1.0
