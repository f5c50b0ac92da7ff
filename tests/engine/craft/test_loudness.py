"""Loudness and true peak, beside figures and programs that are not ours."""

import tracemalloc

import numpy as np
import pyloudnorm
import pytest

from engine.craft.loudness import loudness_lufs, true_peak_db
from engine.loops.measure import LOWEST_DB


def sine(hertz, rate, seconds=4.0, level=1.0, phase=0.0):
    time_s = np.arange(round(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * hertz * time_s + phase)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_stereo_sine_of_997_hz_measures_as_the_standard_says(rate):
    # BS.1770: a full-scale sine of 997 Hz in one channel is -3.01 LKFS; in two 0.
    assert loudness_lufs(sine(997, rate), rate, closed=False) == pytest.approx(0.0, abs=0.05)
    one = sine(997, rate)[:, :1]
    assert loudness_lufs(one, rate, closed=False) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200])
@pytest.mark.parametrize("hertz", [30, 100, 1000, 3000, 10_000])
def test_loudness_matches_pyloudnorm(rate, hertz):
    audio = sine(hertz, rate, level=0.3)
    audio[: rate // 2] *= 0.001  # something for the gate
    ours = loudness_lufs(audio, rate, closed=False)
    assert ours == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(audio), abs=0.15)


def test_a_short_loop_is_as_loud_as_the_same_loop_repeated():
    loop = sine(100, 48_000, seconds=0.5, level=0.2)
    many = np.tile(loop, (20, 1))
    once = loudness_lufs(loop, 48_000, closed=True)
    assert once == pytest.approx(loudness_lufs(many, 48_000, closed=True), abs=0.02)


def test_silence_measures_the_lowest_loudness():
    assert loudness_lufs(np.zeros((48_000, 2), np.float32), 48_000, closed=True) == LOWEST_DB


def test_the_peak_between_samples_is_found():
    # A quarter of the rate at 45 degrees: each sample is 3 dB below the crest.
    wave = sine(12_000, 48_000, seconds=1.0, phase=np.pi / 4)
    assert np.abs(wave).max() == pytest.approx(0.7071, abs=1e-3)
    assert true_peak_db(wave) == pytest.approx(0.0, abs=0.1)


def test_a_true_peak_is_never_below_the_sample_peak():
    audio = np.zeros((10_000, 1), np.float32)
    audio[-1] = 0.5
    assert true_peak_db(audio) >= -6.03


def test_measuring_a_long_take_needs_little_memory():
    audio = np.full((60 * 48_000, 2), 0.1, np.float32)
    tracemalloc.start()
    try:
        loudness_lufs(audio, 48_000, closed=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * audio.nbytes
