"""Joins that keep the level and hide the seam."""

import numpy as np
import pytest

from engine.craft.join import closed_loop, crossfaded, likeness
from engine.loops.measure import seam


def noise(seed, frames=20_000):
    return np.random.default_rng(seed).standard_normal((frames, 2)).astype(np.float32)


def test_unlike_parts_keep_their_power_and_equal_ones_their_amplitude():
    mixed = crossfaded(noise(1), noise(2))
    level = np.sqrt(np.mean(mixed.reshape(20, -1) ** 2, axis=1))
    assert np.all(np.abs(20 * np.log10(level)) < 0.5)
    np.testing.assert_allclose(crossfaded(noise(3), noise(3)), noise(3), atol=1e-6)


def test_correlation_is_1_for_equal_and_minus_1_for_opposite_audio():
    assert likeness(noise(1), noise(1)) == pytest.approx(1.0)
    assert likeness(noise(1), -noise(1)) == pytest.approx(-1.0)
    assert likeness(noise(1), np.zeros_like(noise(1))) == 0.0


@pytest.mark.parametrize("start", [0, 1, 500, 4_000])
def test_the_end_leads_into_the_beginning_whichever_side_has_material(start):
    time_s = np.arange(60_000) / 48_000
    tone = np.sin(2 * np.pi * 101.3 * time_s).astype(np.float32)[:, None]
    assert seam(tone[start : start + 40_000]) > 5
    assert seam(closed_loop(tone, start, 40_000, 1_920)) < 1.5


def test_only_the_fade_differs_from_the_take():
    take = noise(5, 50_000)
    loop = closed_loop(take, 3_000, 40_000, 1_000)
    np.testing.assert_array_equal(loop[:-1_000], take[3_000:42_000])
    np.testing.assert_array_equal(take, noise(5, 50_000))
