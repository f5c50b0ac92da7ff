from functools import partial

from desktop.state.undo import MOST_KEPT, UndoStack


def test_the_last_thing_that_was_lost_comes_back_first():
    undoing, back = UndoStack(), []
    for number in range(3):
        undoing.remember(partial(back.append, number))
    for _ in range(5):
        undoing.undo()
    assert back == [2, 1, 0]


def test_only_so_much_is_held():
    undoing, back = UndoStack(), []
    for number in range(MOST_KEPT + 5):
        undoing.remember(partial(back.append, number))
    for _ in range(MOST_KEPT + 5):
        undoing.undo()
    assert back[-1] == 5
