"""Measurements against figures that are known by other means."""

import numpy as np
import pytest

from engine.loops.measure import (
    HIGHEST_SEAM,
    LOWEST_DB,
    loudness_db,
    peak_db,
    percentile,
    seam,
)


def sine(level, cycles=100, frames=48_000, phase=0.0):
    wave = level * np.sin(np.arange(frames) * (2 * np.pi * cycles / frames) + phase)
    return wave.astype(np.float32)[:, None]


def test_a_full_scale_sine_is_3_db_below_full_scale_with_a_peak_of_0():
    assert loudness_db(sine(1.0)) == pytest.approx(-3.0103, abs=1e-3)
    assert peak_db(sine(1.0)) == pytest.approx(0.0, abs=1e-3)


def test_half_the_level_is_6_db_less():
    assert loudness_db(sine(0.5)) - loudness_db(sine(0.25)) == pytest.approx(6.0206, abs=1e-3)


def test_silence_and_empty_audio_measure_the_lowest_level_and_no_seam():
    for audio in (np.zeros((100, 2), np.float32), np.zeros((0, 2), np.float32)):
        assert (loudness_db(audio), peak_db(audio), seam(audio)) == (LOWEST_DB, LOWEST_DB, 0.0)


def test_peak_uses_the_loudest_channel_and_loudness_all_of_them():
    stereo = np.hstack([sine(0.5), np.zeros((48_000, 1), np.float32)])
    assert peak_db(stereo) == peak_db(sine(0.5))
    assert loudness_db(stereo) == pytest.approx(loudness_db(sine(0.5)) - 3.0103, abs=1e-3)


@pytest.mark.parametrize("phase", [0.0, 0.3, 1.5])
def test_a_sine_of_whole_cycles_has_a_seam_of_one_or_less(phase):
    assert seam(sine(0.5, phase=phase)) <= 1.001


def test_a_sine_that_is_cut_off_has_a_seam_many_times_larger():
    assert seam(sine(0.5, cycles=100.25)) > 50


def test_a_step_in_otherwise_constant_audio_is_finite():
    audio = np.zeros((50_000, 1), np.float32)
    audio[-1] = 1
    assert seam(audio) == HIGHEST_SEAM


@pytest.mark.parametrize("percent", [0, 50, 90, 99.9, 100])
def test_a_percentile_is_that_of_numpy_to_the_bit(percent):
    random = np.random.default_rng(5)
    for count in (*range(1, 60), 9_999):
        values = random.random(count, np.float32)
        ours, theirs = percentile(values, percent), np.percentile(values, percent)
        assert (ours, type(ours)) == (theirs, type(theirs))
