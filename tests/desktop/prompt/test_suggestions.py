import pytest

from desktop.prompt.suggestions import Suggester
from engine.client.prompt_words import prompt_words, roles

HISTORY = ["warm Rhodes chords, 90 bpm", "dusty lo-fi drums", "warm pad"]


@pytest.fixture
def suggester():
    return Suggester(prompt_words(), roles())


def shown(suggester, text, history=(), most=5):
    return [each.shown for each in suggester.suggest(text, history, most)]


def test_an_empty_field_shows_examples(suggester):
    assert shown(suggester, " ") == ["drums", "percussion", "bass", "chords", "pad"]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("dusty rho", "dusty rhodes"),
        ("dusty tape, war", "dusty tape, warm"),
        ("Dus", "dust"),
        ("slow drum and b", "slow drum and bass"),
        ("a lo-f", "a lo fi"),
        ("slow dub ", "slow dub stab"),
    ],
)
def test_the_last_word_or_phrase_is_completed_and_the_rest_stays(suggester, text, becomes):
    assert suggester.suggest(text, ())[0].text == becomes


@pytest.mark.parametrize("text", ["dusty ", "dusty,", "x", "dusty zzz", "84", ", "])
def test_an_unknown_beginning_gets_no_suggestion(suggester, text):
    assert shown(suggester, text) == []


def test_a_complete_word_is_not_suggested_again(suggester):
    assert "warm" not in shown(suggester, "warm")
    assert "warm pad" in shown(suggester, "warm")


def test_earlier_prompts_with_the_same_beginning_come_first(suggester):
    found = suggester.suggest("Warm", HISTORY)
    assert [each.text for each in found[:2]] == ["warm Rhodes chords, 90 bpm", "warm pad"]
    assert shown(suggester, "wa", HISTORY)[0] != "warm Rhodes chords, 90 bpm"


def test_used_words_come_before_shorter_ones(suggester):
    assert shown(suggester, "some rh")[0] == "rhodes"
    assert shown(suggester, "some pl")[0] == "pluck"
    assert shown(suggester, "some pl", ["a plucky thing"])[:2] == ["pluck", "plucky"]


def test_at_most_the_requested_number_is_suggested(suggester):
    assert len(shown(suggester, "s", most=3)) == 0
    assert len(shown(suggester, "so", most=3)) == 3


def test_a_very_long_text_is_fast(suggester):
    assert shown(suggester, "pad " * 20_000 + "rho") == ["rhodes"]


def test_single_letter_phrases_are_understood_but_not_suggested(suggester):
    assert "d n b" in prompt_words()
    assert not any(len(word) == 1 for s in shown(suggester, "dn", most=50) for word in s.split())
