"""A loop stays a loop, whatever its new length."""

import numpy as np
import pytest

from engine.craft.circle import rumble_removed
from engine.loops.resampling import resample_circular


def wave(frames, cycles=7, phase=0.4):
    turns = np.arange(frames) / frames
    return np.sin(2 * np.pi * cycles * turns + phase).astype(np.float32)[:, None]


@pytest.mark.parametrize(("before", "after"), [(1000, 1500), (999, 1001), (1000, 700), (64, 65)])
def test_a_wave_of_whole_cycles_is_unchanged(before, after):
    np.testing.assert_allclose(resample_circular(wave(before), after), wave(after), atol=2e-6)


def test_rotating_and_resampling_commute():
    noise = np.random.default_rng(1).standard_normal((800, 2)).astype(np.float32)
    turned = resample_circular(np.roll(noise, 200, axis=0), 1200)
    np.testing.assert_allclose(
        turned, np.roll(resample_circular(noise, 1200), 300, axis=0), atol=1e-5
    )


def test_rumble_and_offset_are_removed_and_the_audible_part_stays():
    rate = 48_000
    time_s = np.arange(rate)[:, None] / rate
    music = 0.3 * np.sin(2 * np.pi * 60 * time_s)
    rumble = 0.2 + 0.3 * np.sin(2 * np.pi * 4 * time_s)
    cleaned = rumble_removed((music + rumble).astype(np.float32), rate)
    np.testing.assert_allclose(cleaned, music, atol=2e-3)
