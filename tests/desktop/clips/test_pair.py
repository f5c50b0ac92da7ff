import pytest

from desktop.clips.pair import pair_after

GROUP = ("one", "two", "three")


@pytest.mark.parametrize(
    ("pair", "before", "shown", "members", "expected"),
    [
        ((), "", "one", GROUP, ("one", "two")),
        ((), "", "three", GROUP, ("three", "one")),
        (("one", "two"), "one", "two", GROUP, ("one", "two")),
        (("one", "two"), "two", "three", GROUP, ("two", "three")),
        (("one", "two"), "other", "three", GROUP, ("three", "one")),
        (("one", "two"), "one", "two", ("two", "three"), ("two", "three")),
        (("one", "two"), "one", "alone", ("alone",), ()),
        ((), "", "hidden", GROUP, ()),
    ],
)
def test_the_pair_stays_while_one_of_it_is_shown(pair, before, shown, members, expected):
    assert pair_after(pair, before, shown, members) == expected
