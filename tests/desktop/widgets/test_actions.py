from collections import Counter

import pytest

from desktop.theme.signs import SIGNS
from desktop.widgets.actions import ACTIONS, matching


def test_no_two_actions_share_a_name_or_a_key():
    for counted in (
        Counter(action.id for action in ACTIONS),
        Counter(action.title for action in ACTIONS),
        Counter(keys for action in ACTIONS for keys in action.keys),
    ):
        assert [name for name, times in counted.items() if times > 1] == []


def test_each_action_has_a_title_a_key_and_a_sign_that_exists():
    assert all(action.title and action.keys for action in ACTIONS)
    assert {action.sign for action in ACTIONS} <= {"", *SIGNS}


@pytest.mark.parametrize(
    ("text", "places"),
    [("", [0, 1, 2]), ("st", [1, 0]), ("pads st", [0]), ("op", []), ("STAR", [1]), ("a b", [2])],
)
def test_each_word_must_begin_a_word_of_the_title(text, places):
    assert matching(text, ["All pads: stop", "Star", "Other take, A or B"]) == places
