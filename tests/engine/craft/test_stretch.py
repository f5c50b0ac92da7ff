"""Stretching: length exact, attacks in their place, pitch kept."""

import numpy as np
import pytest

from engine.craft.repair import stretch_circular
from engine.craft.stretch import SHORT_BLOCK_S, stretched

RATE = 48_000


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
    assert stretched(audio, frames).shape == (frames, channels)
    assert stretch_circular(audio, frames, RATE).shape == (frames, channels)


@pytest.mark.parametrize("hertz", [110.0, 440.0, 1760.0])
def test_three_percent_longer_keeps_the_pitch_within_3_cents(hertz):
    longer = stretched(tone(hertz), round(96_000 * 1.03))
    assert abs(1200 * np.log2(pitch_hz(longer) / hertz)) < 3


def test_two_semitones_higher_keeps_the_length_and_is_two_semitones_higher():
    higher = stretched(tone(440.0), 96_000, semitones=2)
    assert len(higher) == 96_000
    assert 1200 * np.log2(pitch_hz(higher) / 440) == pytest.approx(200, abs=3)


def test_attacks_stay_where_they_belong():
    audio = np.zeros((96_000, 1), np.float32)
    places = [10_000, 34_000, 58_000, 82_000]
    for place in places:
        audio[place : place + 400] = 0.5 * np.exp(-np.arange(400) / 80)[:, None]
    longer = stretched(audio, 98_880, block_s=SHORT_BLOCK_S)
    for place in places:
        due = round(place * 1.03)
        around = np.abs(longer[due - 2_000 : due + 2_000, 0])
        assert abs(int(np.argmax(around)) - 2_000) < 0.005 * RATE


def test_the_same_audio_gives_the_same_bytes_again():
    audio = np.random.default_rng(1).standard_normal((48_000, 2)).astype(np.float32)
    np.testing.assert_array_equal(stretched(audio, 49_000), stretched(audio, 49_000))
