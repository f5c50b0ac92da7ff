from functools import partial

from desktop.state.undo import MOST_KEPT, UndoStack


def test_the_last_loss_is_undone_first():
    undoing, back = UndoStack(), []
    for number in range(3):
        undoing.remember(partial(back.append, number))
    for _ in range(5):
        undoing.undo()
    assert back == [2, 1, 0]


def test_the_undo_history_is_limited():
    undoing, back = UndoStack(), []
    for number in range(MOST_KEPT + 5):
        undoing.remember(partial(back.append, number))
    for _ in range(MOST_KEPT + 5):
        undoing.undo()
    assert back[-1] == 5
