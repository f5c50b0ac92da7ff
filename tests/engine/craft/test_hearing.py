"""What was extracted from audio is kept, and a cancel still ends what is computed later."""

import numpy as np
import pytest

from engine.craft.hearing import Hearing

RATE = 22_050


@pytest.fixture
def hearing():
    noise = np.random.default_rng(0).standard_normal((2 * RATE, 1)).astype(np.float32)
    return Hearing(noise, RATE)


def test_features_are_extracted_once(hearing):
    assert hearing.features().bands is hearing.features().bands
    first = hearing.closed_features(hearing.audio)
    assert hearing.closed_features(hearing.audio).mono is first.mono


def test_another_loop_has_features_of_its_own(hearing):
    half = hearing.audio[:RATE]
    assert hearing.closed_features(hearing.audio).length_s == 2.0
    assert hearing.closed_features(half).length_s == 1.0


def test_a_cancel_ends_what_is_computed_from_features_that_are_there_already(hearing):
    def cancelled():
        raise InterruptedError

    hearing.features()
    with pytest.raises(InterruptedError):
        _ = hearing.features(cancelled).bands


def test_without_a_check_that_of_the_first_who_asked_stays(hearing):
    asked = []
    hearing.features(lambda: asked.append("first"))
    hearing.closed_features(hearing.audio)
    before = len(asked)
    _ = hearing.features().bands
    assert len(asked) > before
