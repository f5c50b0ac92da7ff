from pathlib import Path

import pytest

from desktop.prompt.form import EXAMPLES, PromptForm, Source, request_of
from engine.loops.errors import LoopError
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest

SESSION = SessionTime(bpm=128.0, meter="7/8", key="A minor", bars=8)


def requested(**fields) -> LoopRequest:
    return request_of(PromptForm(**fields), SESSION).request


def test_what_the_prompt_leaves_open_comes_from_the_session():
    request = requested(prompt="dusty drums")
    assert (request.bpm, request.meter, request.key, request.bars) == (128.0, "7/8", "A minor", 8)


def test_what_the_prompt_says_is_left_to_the_prompt():
    request = requested(prompt="drums, 90 bpm, 4/4, D minor, 2 bars")
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)


def test_the_session_takes_over_tempo_meter_and_key_of_the_prompt_but_not_its_length():
    after = request_of(PromptForm(prompt="drums, 90 bpm, 4/4, D minor, 2 bars"), SESSION).session
    assert after == SessionTime(bpm=90.0, meter="4/4", key="D minor", bars=8)


def test_a_mode_alone_is_not_contradicted_by_the_key_of_the_session():
    assert requested(prompt="a major lift").key is None


def test_an_empty_prompt_is_refused_in_a_sentence():
    with pytest.raises(LoopError, match="The prompt is empty"):
        request_of(PromptForm(prompt="  "), SESSION)


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_each_example_is_a_valid_request_that_names_its_tempo(prompt):
    assert requested(prompt=prompt).bpm is None


CLIP = Path("/music/late/dusty-drums_84bpm_4bars_abcd2345.wav")


def test_a_source_is_named_in_the_request_without_its_path():
    request = requested(source=Source(path=CLIP, mode="vary", amount=0.2))
    assert (request.source, request.mode, request.amount) == (CLIP.name, "vary", 0.2)
    assert "/music" not in str(request)


def test_a_source_keeps_its_own_time():
    request = requested(source=Source(path=CLIP, mode="continue"))
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)


@pytest.mark.parametrize(("mode", "field"), [("retempo", "bpm"), ("rekey", "key")])
def test_only_what_a_mode_changes_comes_from_the_session(mode, field):
    request = requested(source=Source(path=CLIP, mode=mode))
    set_fields = {f for f in ("bpm", "meter", "key", "bars") if getattr(request, f) is not None}
    assert set_fields == {field}
    assert getattr(request, field) == getattr(SESSION, field)


def test_blend_and_redo_say_with_what_and_which_bars():
    other = CLIP.with_name("other.wav")
    blend = requested(source=Source(path=CLIP, mode="blend", with_path=other))
    redo = requested(source=Source(path=CLIP, mode="redo", redo_bars="3-4"))
    assert (blend.with_source, redo.redo_bars) == ("other.wav", "3-4")


@pytest.mark.parametrize(
    ("source", "reported"),
    [
        (Source(path=CLIP, mode="vary", amount=0.2), "vary 20 %"),
        (Source(path=CLIP, mode="redo", redo_bars="3-4"), "redo 3-4"),
        (Source(path=CLIP, mode="continue"), "continue"),
    ],
)
def test_a_source_has_a_short_summary_of_its_change(source, reported):
    assert source.summary == reported


def test_words_win_over_the_strip_where_a_source_is_brought_to_another_tempo_or_key():
    assert requested(prompt="90 bpm", source=Source(path=CLIP, mode="retempo")).bpm == 90.0
    assert requested(prompt="in A minor", source=Source(path=CLIP, mode="rekey")).key == "A minor"
