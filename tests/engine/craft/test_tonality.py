"""Key and tuning of chords whose truth is known."""

import numpy as np
import pytest

from benchmarks.craft.takes import known_loop
from engine.craft.badges import SURE_OF_KEY
from engine.craft.features import extract_features
from engine.craft.partials import steady_partials
from engine.craft.tonality import find_key, key_features

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
def test_the_key_of_a_cadence_is_detected(tonic):
    for degrees, is_minor in ((I_IV_V_I, False), (MINOR_ONES, True)):
        found = find_key(extract_features(chords(57 + tonic, degrees), RATE, closed=True))
        assert (found.key.pitch_class, found.key.is_minor) == ((57 + tonic) % 12, is_minor)
        assert found.confidence > 0.3


@pytest.mark.parametrize("cents", [-35.0, -10.0, 0.0, 20.0, 40.0])
def test_the_tuning_is_detected_within_3_cents(cents):
    found = find_key(extract_features(chords(60, I_IV_V_I, cents), RATE))
    assert found.tuning_cents == pytest.approx(cents, abs=3)


def test_noise_has_no_certain_key():
    noise = np.random.default_rng(1).standard_normal((4 * RATE, 1)).astype(np.float32)
    found = find_key(extract_features(noise, RATE))
    assert found.confidence < 0.3
    assert found.tonal < 0.1


@pytest.mark.parametrize(("role", "has_key"), [("drums", False), ("full mix", True)])
def test_drums_have_no_key(role, has_key):
    loop = known_loop("house", role, 1, key="A minor", bars=2)
    found = find_key(extract_features(loop.audio, loop.grid.rate, closed=True))
    assert (found.key is not None) == has_key
    assert found.tonal > 0.1


AM_F_C_G = ((9, 12, 16), (5, 9, 12), (0, 4, 7), (7, 11, 14))
C_G_AM_F = ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12))


def test_the_first_chord_of_a_loop_helps_to_detect_the_tonic():
    for degrees, key in ((AM_F_C_G, "A minor"), (C_G_AM_F, "C major")):
        heard = extract_features(chords(60, degrees), RATE, closed=True)
        assert str(find_key(heard, from_first_bar=True).key) == key
    begun_anywhere = [
        find_key(extract_features(chords(60, degrees), RATE, closed=True))
        for degrees in (AM_F_C_G, C_G_AM_F)
    ]
    assert begun_anywhere[0].key == begun_anywhere[1].key


@pytest.mark.parametrize("from_first_bar", [True, False])
def test_transposed_audio_has_the_same_features_at_the_transposed_tonic(from_first_bar):
    low, high = (
        key_features(
            steady_partials(
                extract_features(chords(tonic, MINOR_ONES), RATE, closed=True).long_spectrum
            )[0],
            0.0,
            from_first_bar=from_first_bar,
        )
        for tonic in (57, 58)
    )
    for first in (0, 12):  # majors, minors
        rolled = np.roll(low[first : first + 12], 1, axis=0)
        assert np.abs(rolled - high[first : first + 12]).mean() < 0.1 * np.abs(low).mean()


def riff(*steps):
    """A low line of eighths above A, twice: each note falls like a plucked string."""
    time_s = np.arange(RATE // 4) / RATE
    notes = []
    for step in steps:
        hertz = 55 * 2 ** (step / 12)
        wave = sum(np.sin(2 * np.pi * hertz * k * time_s) / k for k in range(1, 12))
        notes.append(0.2 * wave * np.exp(-3 * time_s))
    return np.tile(np.concatenate(notes), 2).astype(np.float32)[:, None]


def test_a_line_that_stays_on_a_third_is_not_sure():
    found = find_key(
        extract_features(riff(4, 2, 0, 2, 4, 4, 4), RATE, closed=True), from_first_bar=True
    )
    assert found.confidence < 0.8
    assert 0.0 < found.second_confidence <= 1 - found.confidence


@pytest.mark.parametrize("from_first_bar", [True, False])
def test_one_steady_note_leaves_the_key_open(from_first_bar):
    tone = np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / RATE).astype(np.float32)[:, None]
    found = find_key(extract_features(tone, RATE), from_first_bar=from_first_bar)
    assert found.confidence < SURE_OF_KEY
    assert found.tonal > 0.8


def test_noise_in_rests_changes_nothing():
    notes = chords(57, MINOR_ONES)
    notes[RATE // 2 : RATE] = notes[3 * RATE // 2 : 2 * RATE] = 0
    noise = 10 ** (-90 / 20) * np.random.default_rng(1).standard_normal(notes.shape)
    features = [
        key_features(
            steady_partials(extract_features(audio, RATE, closed=True).long_spectrum)[0],
            0.0,
            from_first_bar=True,
        )
        for audio in (notes, (notes + noise).astype(np.float32))
    ]
    assert np.abs(features[0] - features[1]).mean() < 0.02
