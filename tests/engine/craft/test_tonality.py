"""Key and tuning of chords whose truth is known."""

import numpy as np
import pytest

from engine.craft.hearing import hear
from engine.craft.tonality import find_key

RATE = 48_000
I_IV_V_I = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))
MINOR_ONES = ((0, 3, 7), (5, 8, 12), (7, 10, 14), (0, 3, 7))


def chords(tonic_midi, degrees, cents=0.0):
    time_s = np.arange(RATE) / RATE
    parts = []
    for degree in degrees:
        notes = [tonic_midi + step for step in degree] + [tonic_midi + degree[0] - 12]
        hertz = [440 * 2 ** ((note - 69 + cents / 100) / 12) for note in notes]
        wave = sum(np.sin(2 * np.pi * f * k * time_s) / k**1.5 for f in hertz for k in (1, 2, 3))
        parts.append(0.1 * wave * np.exp(-time_s))
    return np.concatenate(parts).astype(np.float32)[:, None]


@pytest.mark.parametrize("tonic", range(12))
def test_the_key_of_a_cadence_is_found(tonic):
    for degrees, is_minor in ((I_IV_V_I, False), (MINOR_ONES, True)):
        found = find_key(hear(chords(57 + tonic, degrees), RATE, closed=True))
        assert (found.key.pitch_class, found.key.is_minor) == ((57 + tonic) % 12, is_minor)
        assert found.confidence > 0.3


@pytest.mark.parametrize("cents", [-35.0, -10.0, 0.0, 20.0, 40.0])
def test_the_tuning_is_found_within_3_cents(cents):
    found = find_key(hear(chords(60, I_IV_V_I, cents), RATE))
    assert found.tuning_cents == pytest.approx(cents, abs=3)


def test_noise_has_no_sure_key():
    noise = np.random.default_rng(1).standard_normal((4 * RATE, 1)).astype(np.float32)
    found = find_key(hear(noise, RATE))
    assert found.confidence < 0.3
    assert found.tonal < 0.1
