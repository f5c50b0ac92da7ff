from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.widgets.basics import Chips, FittingScroll, label

WORDS = tuple(f"word {number}" for number in range(12))


def test_a_wider_column_leaves_no_gap_below_chips_that_need_fewer_rows(qtbot):
    chips, inside, column = Chips(), QWidget(), QWidget()
    form = QVBoxLayout(inside)
    form.addWidget(chips)
    below = label("below")
    below.setFixedHeight(100)
    form.addWidget(below)
    QVBoxLayout(column).addWidget(FittingScroll(inside))
    column.layout().addStretch()
    qtbot.addWidget(column)
    column.resize(260, 600)
    column.show()
    chips.show_words(WORDS, ())
    qtbot.waitUntil(lambda: chips.width() < 260 and chips.height() == chips.sizeHint().height())
    narrow = chips.height()
    column.resize(900, 600)
    qtbot.waitUntil(lambda: chips.width() > 700 and chips.height() == chips.sizeHint().height())
    assert chips.height() < narrow
