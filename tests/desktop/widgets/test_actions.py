from collections import Counter

from desktop.widgets.actions import ACTIONS


def test_no_two_actions_share_a_name_or_a_key():
    for counted in (
        Counter(action.id for action in ACTIONS),
        Counter(keys for action in ACTIONS for keys in action.shortcuts),
    ):
        assert [name for name, times in counted.items() if times > 1] == []


def test_each_action_has_a_title_and_a_key():
    assert all(action.title and action.shortcuts for action in ACTIONS)
