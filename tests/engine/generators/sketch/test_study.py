"""Independent ears find in the loops what was asked for; figures for more loops: study.py."""

import pytest

from tests.engine.generators.sketch import study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_tempo_of_drum_loops_is_detected():
    found = study.tempo(range(1), times=3)
    assert found["wrong"] <= 0.1


def test_the_key_of_chord_loops_is_detected():
    assert study.key(range(2)) >= 0.9


@pytest.mark.parametrize("pair", study.ADJECTIVES, ids="/".join)
def test_adjectives_change_what_they_name(pair):
    assert study.adjective(pair, 8) >= 0.85


def test_the_style_can_be_recognised():
    assert study.style(13, 6) >= 0.8


def test_the_role_can_be_recognised():
    assert study.role(5) >= 0.95


def test_takes_of_one_request_differ():
    assert study.takes(range(3)) >= 0.95
