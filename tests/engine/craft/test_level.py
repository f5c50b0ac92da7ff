"""The level: to a loudness by gain, high peaks limited, and both stated."""

import numpy as np
import pytest

from engine.craft.level import CEILING_DB, MOST_LIMITED_DB, levelled, limited
from engine.craft.loudness import loudness_lufs, true_peak_db

RATE = 48_000


def spiky(level=0.4, spikes=(0, 30_000, 95_990)):
    """A loop of a steady tone with some short hits, one of them across the seam."""
    turns = np.arange(96_000) / 96_000
    audio = np.repeat(level * np.sin(2 * np.pi * 440 * turns)[:, None], 2, axis=1)
    hit = 0.7 * np.sin(2 * np.pi * 3_000 * np.arange(240) / RATE) * np.hanning(240)
    for spike in spikes:
        audio[(spike + np.arange(240)) % len(audio)] += hit[:, None]
    return audio.astype(np.float32)


def test_audio_below_the_ceiling_is_unchanged():
    audio = spiky(spikes=())
    made, limited_db = limited(audio, RATE)
    np.testing.assert_array_equal(made, audio)
    assert limited_db == 0.0


@pytest.mark.parametrize("turn", [0, 120, 50_000])
def test_only_peaks_are_lowered(turn):
    audio = np.roll(spiky(), turn, axis=0)
    made, limited_db = limited(audio, RATE)
    assert true_peak_db(made) <= CEILING_DB
    assert true_peak_db(made) == pytest.approx(CEILING_DB, abs=0.2)
    assert limited_db == pytest.approx(true_peak_db(audio) - CEILING_DB, abs=0.01)
    before, after = (np.roll(each, -turn, axis=0)[10_000:29_000] for each in (audio, made))
    np.testing.assert_array_equal(before, after)


def test_limiting_does_not_depend_on_where_a_loop_begins():
    made = limited(spiky(), RATE)[0]
    turned = limited(np.roll(spiky(), 160, axis=0), RATE)[0]
    np.testing.assert_allclose(np.roll(turned, -160, axis=0), made, atol=1e-4)


def test_peaks_between_the_samples_are_limited_too():
    turns = np.arange(96_000) / 96_000
    wave = np.sin(2 * np.pi * (24_000 * turns + 0.125)).astype(np.float32)[:, None]
    assert np.abs(wave).max() < 10 ** (CEILING_DB / 20)
    assert true_peak_db(limited(wave, RATE)[0]) <= CEILING_DB


def test_the_target_is_reached_even_if_peaks_must_be_limited():
    audio = spiky()
    target = loudness_lufs(audio, RATE, closed=True)
    made = levelled(audio * np.float32(0.3), RATE, target, closed=True)
    assert loudness_lufs(made.audio, RATE, closed=True) == pytest.approx(target, abs=0.15)
    assert true_peak_db(made.audio) <= CEILING_DB
    assert made.gain_db == pytest.approx(20 * np.log10(1 / 0.3), abs=0.2)
    assert 0 < made.limited_db <= MOST_LIMITED_DB


def test_peaks_are_never_limited_by_more_than_4_db():
    made = levelled(spiky(level=0.02), RATE, -16.0, closed=True)
    assert made.limited_db == pytest.approx(MOST_LIMITED_DB, abs=0.1)
    assert loudness_lufs(made.audio, RATE, closed=True) < -18


def test_silence_is_not_raised():
    made = levelled(np.zeros((96_000, 2), np.float32), RATE, -16.0, closed=True)
    assert (made.gain_db, made.limited_db) == (0.0, 0.0)
    assert not made.audio.any()
