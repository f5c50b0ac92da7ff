"""Parts that are computed side by side, each with its share of torch's threads."""

import threading

import pytest
import torch

from engine.generators.side_by_side import can_share, side_by_side
from tests.fakes.torch_threads import torch_threads


@pytest.fixture(autouse=True)
def four_threads():
    with torch_threads(4):
        yield


def test_each_part_has_its_own_thread_and_its_share_of_the_threads():
    met = threading.Barrier(2, timeout=60)  # Both must be at work at once.

    def compute(part):
        met.wait()
        return part, torch.get_num_threads(), threading.get_ident()

    first, second = side_by_side(compute, ["one", "two"])
    assert (first[:2], second[:2]) == (("one", 2), ("two", 2))
    assert len({first[2], second[2], threading.get_ident()}) == 3
    assert side_by_side(compute, ["one", "two"]) == [first, second]


def test_threads_here_and_of_later_threads_stay_as_they_were():
    side_by_side(lambda _part: None, [1, 2, 3, 4])
    later = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert (torch.get_num_threads(), later) == (4, [4])


def test_gradients_are_as_here():
    with torch.inference_mode():
        assert side_by_side(lambda _part: torch.zeros(1).is_inference(), [1, 2]) == [True, True]
    assert side_by_side(lambda _part: torch.zeros(1).is_inference(), [1, 2]) == [False, False]


def test_an_error_is_raised_when_all_parts_have_ended():
    failing, ended = threading.Event(), []

    def compute(part):
        if part == 1:
            failing.set()
            raise ValueError("one failed")
        failing.wait(60)
        ended.append(part)

    with pytest.raises(ValueError, match="one failed"):
        side_by_side(compute, [1, 2])
    assert ended == [2]


@pytest.mark.skipif(not torch.backends.openmp.is_available(), reason="torch has other threads")
def test_only_equal_shares_are_given():
    assert [can_share(parts) for parts in (1, 2, 3, 4, 8)] == [True, True, False, True, False]
