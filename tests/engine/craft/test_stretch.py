"""Stretching: length exact, pitch kept, the same bytes again."""

import numpy as np
import pytest

from engine.craft.stretch import LONG_BLOCK_S, stretched

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
