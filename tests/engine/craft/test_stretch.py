"""Stretching: length exact, pitch kept, the same bytes again."""

import sys

import numpy as np
import psutil
import pytest

from engine.craft.stretch import LONG_BLOCK_S, stretched
from engine.generators.interface import JobCancelled

RATE = 48_000


def longer(audio, frames):
    return stretched(audio, frames, block_s=LONG_BLOCK_S, rate=RATE)


def tone(hertz, frames=96_000):
    return np.sin(2 * np.pi * hertz * np.arange(frames) / RATE).astype(np.float32)[:, None] * 0.5


def pitch_hz(audio):
    middle = audio[len(audio) // 8 : -len(audio) // 8, 0]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 2**20))
    return np.argmax(power) * RATE / 2**20


@pytest.mark.parametrize("frames", [96_000, 96_017, 93_000, 99_999, 110_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_length_is_exact(frames, channels):
    audio = np.repeat(tone(440), channels, axis=1)
    assert longer(audio, frames).shape == (frames, channels)


@pytest.mark.parametrize("hertz", [110.0, 440.0, 1760.0])
def test_three_percent_longer_keeps_the_pitch_within_3_cents(hertz):
    assert abs(1200 * np.log2(pitch_hz(longer(tone(hertz), 98_880)) / hertz)) < 3


def test_the_same_audio_gives_the_same_bytes_again():
    audio = np.random.default_rng(1).standard_normal((48_000, 2)).astype(np.float32)
    np.testing.assert_array_equal(longer(audio, 49_000), longer(audio, 49_000))


def test_long_audio_is_stretched_as_short_audio_is_and_lets_python_go_on():
    audio, checks = tone(440, 11 * RATE), []
    whole = longer(audio, 11 * RATE + 48_000)
    during = stretched(
        audio, 11 * RATE + 48_000, block_s=LONG_BLOCK_S, rate=RATE, check=lambda: checks.append(1)
    )
    np.testing.assert_array_equal(whole, during)
    assert checks
    assert abs(1200 * np.log2(pitch_hz(whole[: 4 * RATE]) / 440)) < 3


def test_a_cancel_ends_the_process_that_stretches():
    def cancel():
        raise JobCancelled

    audio = tone(440, 20 * RATE)
    with pytest.raises(JobCancelled):
        stretched(audio, 25 * RATE, block_s=LONG_BLOCK_S, rate=RATE, check=cancel)
    assert psutil.Process().children() == []


def test_a_process_that_cannot_start_is_done_without(monkeypatch, expect_log):
    expect_log("WARNING engine.craft.stretch: the process that stretches has failed")
    audio = tone(440, 11 * RATE)
    whole = longer(audio, 12 * RATE)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    np.testing.assert_array_equal(longer(audio, 12 * RATE), whole)
