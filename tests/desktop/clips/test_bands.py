"""How a waveform knows what is low and what is high in a sound."""

import numpy as np
import pytest
import soundfile

from desktop.clips.bands import BLOCK_FRAMES, WHOLE, shares_of
from desktop.clips.peaks import PeakStore

LOW, MIDDLE, HIGH = np.eye(3, dtype=int) * WHOLE


def tone(hz, rate, blocks, channels=2):
    time = np.arange(BLOCK_FRAMES * blocks) / rate
    return np.tile(0.5 * np.sin(2 * np.pi * hz * time)[:, None], channels).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize(("hz", "shares"), [(50, LOW), (700, MIDDLE), (6_000, HIGH)])
def test_a_tone_is_in_its_band_at_any_rate(hz, shares, rate):
    assert shares_of(tone(hz, rate, 3), rate) == pytest.approx(np.tile(shares, (3, 1)), abs=25)


def test_a_softer_high_tone_is_seen_beside_a_low_one():
    low, _middle, high = shares_of(tone(60, 48_000, 1) + tone(9_000, 48_000, 1) / 4, 48_000)[0]
    assert low > WHOLE / 4
    assert high > WHOLE / 4


@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf, 3e38])
def test_silence_and_damage_are_in_no_band(odd):
    audio = np.full((BLOCK_FRAMES + 5, 1), odd, np.float32)
    assert shares_of(audio, 48_000).tolist() == [[0, 0, 0]] * 2


def test_the_shares_of_a_part_are_where_it_sounds_computed_or_cached(tmp_path):
    path, store = tmp_path / "a.wav", PeakStore(tmp_path)
    halves = [tone(50, 48_000, 40), tone(6_000, 48_000, 40)[:-100]]
    soundfile.write(path, np.concatenate(halves), 48_000, subtype="FLOAT")
    for _ in ("computed", "cached"):
        peaks = store.of("abcd2345", path)
        for columns in (7, 80, 700):
            shares = peaks.shares_at(columns)
            assert shares.sum(axis=1) == pytest.approx(1)
            assert (shares[: columns // 2, 0] > 0.8).all()
            assert (shares[columns // 2 + 1 :, 2] > 0.8).all()
        assert (peaks.shares_at(50, 0.6, 0.8)[:, 2] > 0.8).all()
        assert len(peaks.shares_at(50, 0.999, 1.0)) == 50
