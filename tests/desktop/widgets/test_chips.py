import pytest
from PySide6.QtWidgets import QMenu

from desktop.widgets.chips import Chips

WORDS = tuple(f"word {number}" for number in range(12))


@pytest.fixture
def chips(qtbot):
    chips = Chips()
    qtbot.addWidget(chips)
    chips.resize(260, chips.height())
    chips.show()
    return chips


def shown(chips):
    return [chip.text() for chip in [*chips._chips, chips._further] if chip.isVisible()]


def test_chips_never_change_the_height_of_what_they_stand_in(chips):
    before = chips.height()
    chips.show_words(WORDS, ("velvety",))
    assert chips.height() == before
    chips.show_words((), ())
    assert chips.height() == before


def test_words_without_room_are_counted_in_a_last_chip(chips):
    chips.show_words(WORDS, ())
    texts = shown(chips)
    assert texts[:-1] == list(WORDS[: len(texts) - 1])
    assert texts[-1] == f"+{len(WORDS) - len(texts) + 1}"
    further = [f"{word}: understood" for word in WORDS[len(texts) - 1 :]]
    assert chips._further.toolTip() == "\n".join(further)
    assert all(chips.rect().contains(chip.geometry()) for chip in chips._chips if chip.isVisible())


def test_words_that_were_not_understood_stand_first(chips):
    chips.show_words(WORDS, ("asdfgh", "flurb"))
    assert shown(chips)[:2] == ["asdfgh", "flurb"]


def test_the_last_chip_opens_the_list_of_all_words(chips):
    chips.show_words(WORDS, ("asdfgh",))
    chips._further.click()
    menu = chips.findChild(QMenu)
    texts = [action.text() for action in menu.actions()]
    assert texts == ["asdfgh: not understood, ignored", *(f"{word}: understood" for word in WORDS)]
    menu.close()


def test_a_wider_column_shows_more_words(chips):
    chips.show_words(WORDS, ())
    narrow = len(shown(chips))
    chips.resize(900, chips.height())
    assert len(shown(chips)) > narrow


def test_words_of_an_earlier_prompt_are_forgotten(chips):
    chips.show_words(WORDS[:2], ())
    chips.forget()
    assert chips.words == []
    assert shown(chips) == []


def test_a_word_longer_than_a_row_is_cut_and_the_others_stay(chips):
    long = "fits warm Rhodes chords in D minor, and dusty lo-fi drums with swing"
    chips.show_words((long, "bass", "84 bpm"), ())
    first, *others = shown(chips)
    assert first.startswith("fits warm Rhodes")
    assert first.endswith("…")
    assert others == ["bass", "84 bpm"]
    assert chips.words[0] == (long, "understood")
    chips.resize(900, chips.height())
    assert shown(chips)[0] == long
