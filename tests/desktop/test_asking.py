import pytest

from desktop.asking import EXAMPLES, Asking, request_of, time_asked
from desktop.session_time import SessionTime
from engine.loops.errors import LoopError

SESSION = SessionTime(bpm=128.0, meter="7/8", key="A minor", bars=8)


def test_what_the_prompt_does_not_say_comes_from_the_session():
    request = request_of(Asking(prompt="dusty drums"), SESSION)
    assert (request.bpm, request.meter, request.key, request.bars) == (128.0, "7/8", "A minor", 8)


def test_what_the_prompt_says_is_left_to_the_prompt():
    request = request_of(Asking(prompt="drums, 90 bpm, 4/4, D minor, 2 bars"), SESSION)
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)


def test_the_session_takes_over_tempo_meter_and_key_of_the_prompt_but_not_its_length():
    after = time_asked("drums, 90 bpm, 4/4, D minor, 2 bars", SESSION)
    assert after == SessionTime(bpm=90.0, meter="4/4", key="D minor", bars=8)


def test_a_mode_alone_is_not_contradicted_by_the_key_of_the_session():
    assert request_of(Asking(prompt="a major lift"), SESSION).key is None


def test_an_empty_prompt_is_refused_in_a_sentence():
    with pytest.raises(LoopError, match="The prompt is empty"):
        request_of(Asking(prompt="  "), SESSION)


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_each_example_can_be_asked_for_and_names_its_tempo(prompt):
    assert request_of(Asking(prompt=prompt), SESSION).bpm is None
