"""How often a choice is right by its likelihood, as a table."""

import numpy as np

from tools.training.calibrate import table_of


def test_a_table_states_how_often_the_choices_were_right():
    random = np.random.default_rng(0)
    chances = random.uniform(0.2, 0.95, 6_000)
    odds = np.log(chances / (1 - chances))
    seen = [
        (each, bool(random.random() < chance)) for each, chance in zip(odds, chances, strict=True)
    ]
    table = table_of(seen)
    np.testing.assert_allclose(table[1], 1 / (1 + np.exp(-table[0])), atol=0.05)


def test_shares_that_fall_are_pooled():
    wrong_again = [(odds, odds < 1) for odds in np.linspace(0, 2, 40)]
    assert table_of(wrong_again).shape == (2, 1)


def test_the_last_share_is_below_one_however_often_it_is_right():
    table = table_of([(odds, True) for odds in np.linspace(0, 2, 40)])
    assert 0.5 < table[1].max() < 1
