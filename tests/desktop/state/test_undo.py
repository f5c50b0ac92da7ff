from functools import partial

from desktop.state.undo import MOST_KEPT, UndoStack


def remember(undoing, seen, number):
    undoing.remember(partial(seen.append, -number), partial(seen.append, number))


def test_the_last_action_is_undone_first_and_done_again_last():
    undoing, seen = UndoStack(), []
    for number in range(1, 4):
        remember(undoing, seen, number)
    for _ in range(5):
        undoing.undo()
    for _ in range(5):
        undoing.redo()
    assert seen == [-3, -2, -1, 1, 2, 3]
    undoing.undo()
    assert seen[-1] == -3


def test_what_was_undone_is_forgotten_after_another_action():
    undoing, seen = UndoStack(), []
    remember(undoing, seen, 1)
    undoing.undo()
    remember(undoing, seen, 2)
    undoing.redo()
    assert seen == [-1]


def test_the_undo_history_is_limited():
    undoing, seen = UndoStack(), []
    for number in range(1, MOST_KEPT + 6):
        remember(undoing, seen, number)
    for _ in range(MOST_KEPT + 5):
        undoing.undo()
    assert seen[-1] == -6
