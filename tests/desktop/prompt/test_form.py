from pathlib import Path

import pytest

from desktop.prompt.form import EXAMPLES, PromptForm, Source, request_of
from engine.loops.errors import LoopError
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest

SESSION = SessionTime(bpm=128.0, meter="7/8", key="A minor", bars=8)


def requested(**fields) -> LoopRequest:
    return request_of(PromptForm(**fields), SESSION).request


def test_values_the_prompt_leaves_open_come_from_the_session():
    request = requested(prompt="dusty drums")
    assert (request.bpm, request.meter, request.key, request.bars) == (128.0, "7/8", "A minor", 8)


def test_values_in_the_prompt_are_left_to_the_prompt():
    request = requested(prompt="drums, 90 bpm, 4/4, D minor, 2 bars")
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)


def test_the_session_overrides_tempo_meter_and_key_of_the_prompt_but_not_its_length():
    after = request_of(PromptForm(prompt="drums, 90 bpm, 4/4, D minor, 2 bars"), SESSION).session
    assert after == SessionTime(bpm=90.0, meter="4/4", key="D minor", bars=8)


def test_a_mode_alone_is_not_contradicted_by_the_session_key():
    assert requested(prompt="a major lift").key is None


def test_an_empty_prompt_is_refused():
    with pytest.raises(LoopError, match="The prompt is empty"):
        request_of(PromptForm(prompt="  "), SESSION)


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_each_example_is_a_valid_request_that_names_its_tempo(prompt):
    assert requested(prompt=prompt).bpm is None


CLIP = Path("/music/late/dusty-drums_84bpm_4bars_abcd2345.wav")


def test_the_request_does_not_contain_the_path_of_its_source():
    request = requested(source=Source(path=CLIP, mode="vary", amount=0.2))
    assert (request.source, request.mode, request.amount) == (CLIP.name, "vary", 0.2)
    assert "/music" not in str(request)


def test_a_source_keeps_its_own_values():
    request = requested(source=Source(path=CLIP, mode="continue"))
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)


@pytest.mark.parametrize(("mode", "field"), [("retempo", "bpm"), ("rekey", "key")])
def test_only_values_a_mode_changes_come_from_the_session(mode, field):
    request = requested(source=Source(path=CLIP, mode=mode))
    set_fields = {f for f in ("bpm", "meter", "key", "bars") if getattr(request, f) is not None}
    assert set_fields == {field}
    assert getattr(request, field) == getattr(SESSION, field)


def test_blend_and_redo_name_the_other_clip_and_the_bars():
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


def test_the_prompt_overrides_the_strip_in_retempo_and_rekey():
    assert requested(prompt="90 bpm", source=Source(path=CLIP, mode="retempo")).bpm == 90.0
    assert requested(prompt="in A minor", source=Source(path=CLIP, mode="rekey")).key == "A minor"


def test_words_do_not_become_the_title_of_what_is_only_stretched():
    beat = Source(path=Path("/tapes/my-beat.wav"), mode="retempo")
    request = requested(prompt="glass bells", negative="hats", source=beat)
    assert (request.prompt, request.negative, request.bpm) == ("", None, 128.0)
