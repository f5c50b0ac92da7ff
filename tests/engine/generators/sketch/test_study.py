"""Independent ears find in the loops what was asked for; figures for more loops: study.py."""

import pytest

from engine.generators.sketch.styles import STYLES
from tests.engine.generators.sketch import study

pytestmark = pytest.mark.slow


def test_the_tempo_of_drum_loops_is_detected():
    found = study.tempo(list(STYLES)[::2], range(1), times=3)
    assert found["wrong"] <= 0.1


def test_the_key_of_chord_loops_is_detected():
    assert study.key(range(1), bpm=240.0) >= 0.9  # fast loops have the same chords


@pytest.mark.parametrize("pair", study.ADJECTIVES, ids="/".join)
def test_adjectives_change_what_they_name(pair):
    assert study.adjective(pair, 6) >= 0.8  # all roles but one


def test_the_style_can_be_recognised():
    assert study.style(8, 6, bars=1) >= 0.8


def test_the_role_can_be_recognised():
    assert study.role(2) >= 0.95


def test_takes_of_one_request_differ():
    assert study.takes(range(1)) >= 0.95
