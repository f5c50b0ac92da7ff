from hypothesis import given
from hypothesis import strategies as st

from engine.loops.request import HIGHEST_SEED, HIGHEST_TAKES
from engine.loops.take import take_seed

seeds = st.integers(0, HIGHEST_SEED)


@given(seeds)
def test_the_first_take_has_the_seed_of_the_request(seed):
    assert take_seed(seed, 0) == seed


@given(seeds)
def test_each_take_has_its_own_seed_that_a_request_can_use(seed):
    found = [take_seed(seed, number) for number in range(HIGHEST_TAKES)]
    assert len(set(found)) == HIGHEST_TAKES
    assert all(0 <= each <= HIGHEST_SEED for each in found)


def test_take_seeds_come_from_splitmix64():
    # The first outputs of the published generator for seed 42.
    published = (13_679_457_532_755_275_413, 2_949_826_092_126_892_291, 5_139_283_748_462_763_858)
    assert [take_seed(42, number) for number in (1, 2, 3)] == [
        number & 0x7FFFFFFF for number in published
    ]
