"""The measures of single parts, on sounds whose answers are known."""

import numpy as np
import pytest

from benchmarks.sketch_parts import figures, note_to_note_db

RATE = 48_000
TIME = np.arange(RATE) / RATE


def sine(hertz, phase=0.0):
    return np.sin(2 * np.pi * hertz * TIME + phase)


def test_a_steady_tone_does_not_move_and_a_swelling_one_does():
    steady = figures(np.stack([sine(220)] * 2, axis=1), RATE)
    assert steady["flux"] < 0.05
    assert steady["movement, dB"] < 0.5
    swelling = figures(np.stack([sine(220) * (1.1 + sine(2))] * 2, axis=1), RATE)
    assert swelling["movement, dB"] > 3


def test_highs_and_sides_are_measured_as_shares():
    mixed = np.stack([sine(220) + sine(8_000), sine(220) - sine(8_000)], axis=1)
    found = figures(mixed, RATE)
    assert found["side/mid, dB"] == pytest.approx(0, abs=0.1)
    assert found["above 4 kHz, dB"] < -40  # it is in the sides alone


def test_a_repeated_note_differs_more_in_version_2():
    assert note_to_note_db("brass stabs", 2) > note_to_note_db("brass stabs", 1) + 0.5
