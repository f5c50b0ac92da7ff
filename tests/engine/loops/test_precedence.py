"""Flags, then words, then the session: one rule for every front end."""

import pytest

from engine.loops.precedence import SessionTime, resolve
from engine.loops.request import LoopRequest

SESSION = SessionTime(bpm=100.0, meter="3/4", key="D minor", bars=8)


def filled(prompt="drums", **fields) -> LoopRequest:
    return resolve(LoopRequest(prompt=prompt, **fields), SESSION).request


def test_open_fields_come_from_the_session():
    request = filled()
    assert (request.bpm, request.meter, request.key, request.bars) == (100.0, "3/4", "D minor", 8)


def test_the_prompt_overrides_the_session():
    request = filled("drums, 174 bpm, 7/8, F# minor, 2 bars")
    assert (request.bpm, request.meter, request.key, request.bars) == (None, None, None, None)
    assert filled("strings in a minor key").key is None


def test_the_session_takes_over_everything_in_the_prompt_but_its_length():
    _request, session = resolve(LoopRequest(prompt="drums, 174 bpm, 2 bars"), SESSION)
    assert session == SessionTime(bpm=174.0, meter="3/4", key="D minor", bars=8)


def test_fields_override_prompt_and_session():
    request = filled("drums, 174 bpm, 2 bars", bpm=90.0, bars=4)
    assert (request.bpm, request.bars) == (90.0, 4)


def test_a_one_shot_has_no_bars_and_an_unknown_session_adds_nothing():
    assert filled(seconds=1.5).bars is None
    drums = LoopRequest(prompt="drums")
    assert resolve(drums, SessionTime()) == (drums, SessionTime())


def test_facts_in_any_of_several_prompts_count():
    assert filled(also=("bass at 90 bpm",)).bpm is None


@pytest.mark.parametrize(
    ("mode", "prompt", "bpm", "key"),
    [
        ("retempo", "", 100.0, None),
        ("retempo", "at 140 bpm", 140.0, None),
        ("rekey", "", None, "D minor"),
        ("rekey", "in Fis-Moll", None, "F# minor"),
        ("vary", "", None, None),
    ],
)
def test_a_source_keeps_its_own_values_except_those_its_mode_changes(mode, prompt, bpm, key):
    request = filled(prompt, source="abcd2345", mode=mode)
    assert (request.bpm, request.key) == (bpm, key)
    assert (request.meter, request.bars) == (None, None)
