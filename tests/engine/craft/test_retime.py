"""Loops at another length: attacks stay attacks, notes stay in tune, and the loop stays closed."""

import numpy as np
import pytest

from benchmarks.craft.takes import known_loop
from engine.craft.attacks import find_attacks, is_drums
from engine.craft.features import extract_features
from engine.craft.modes import moved
from engine.craft.retime import retimed
from engine.craft.sources import Source
from engine.loops.measure import seam
from engine.loops.tempo import LoopGrid
from tests.engine.craft.test_stretch import pitch_hz, tone

RATE = 48_000
GAP = 12_000
RATIOS = [0.85, 0.95, 1.05, 1.15]


def hits(count=8, first=1_000):
    """Drum hits in stereo, 250 ms apart, each a ringing tone and a fall of noise; a loop."""
    noise = np.random.default_rng(1).standard_normal((count, GAP, 2))
    time_s = np.arange(GAP)[:, None] / RATE
    ring = 0.4 * np.sin(2 * np.pi * 180 * time_s) * np.exp(-time_s / 0.08)
    loop = (ring + 0.3 * noise * np.exp(-time_s / 0.03)).reshape(-1, 2)
    return np.roll(loop, first, axis=0).astype(np.float32)


def rise_db(audio, around):
    """The most that the level above 2 kHz or so rises within 1 ms, near a frame, in dB."""
    bright = np.diff(np.take(audio.mean(axis=1), np.arange(around - 960, around + 960)))
    level = np.sqrt(np.convolve(bright**2, np.hanning(50), mode="valid"))
    return 20 * np.log10(np.max(level[48:] - level[:-48]))


def side_over_mid_db(audio):
    side, mid = audio[:, 0] - audio[:, 1], audio[:, 0] + audio[:, 1]
    return 10 * np.log10(np.mean(side**2) / np.mean(mid**2))


@pytest.mark.parametrize("ratio", RATIOS)
def test_drums_at_another_tempo_keep_their_attacks_in_place(ratio):
    loop = 0.4 * hits()  # so softly that no peak is limited
    grid = LoopGrid(bpm=120.0, bars=1)
    source = Source(label="hits", audio=loop, grid=grid, key=None, title="hits")
    made = moved(source, LoopGrid(bpm=round(120 / ratio, 4), bars=1), None)[0]
    for hit in range(8):
        place = 1_000 + hit * GAP
        assert rise_db(made, round(place * len(made) / len(loop))) > rise_db(loop, place) - 0.5


@pytest.mark.parametrize("ratio", RATIOS)
def test_drums_keep_their_stereo_image_and_stay_closed(ratio):
    loop = hits()
    made = retimed(loop, round(len(loop) * ratio), RATE)
    assert abs(side_over_mid_db(made) - side_over_mid_db(loop)) < 0.5
    assert seam(made) < 1.0


def test_a_loop_that_starts_with_an_attack_still_does():
    loop = hits(first=0)
    made = retimed(loop, 110_000, RATE)
    before, behind = (np.abs(part).max() for part in (made[-480:], made[:480]))
    assert behind > 4 * before


@pytest.mark.parametrize("frames", [40_000, 95_999, 96_001, 99_999, 200_000])
def test_the_length_is_exact(frames):
    assert retimed(hits(), frames, RATE).shape == (frames, 2)
    assert retimed(tone(440), frames, RATE).shape == (frames, 1)
    assert retimed(hits(), frames, RATE, semitones=-3).shape == (frames, 2)
    assert retimed(hits(), frames, RATE, closed=False).shape == (frames, 2)


def test_shifting_by_two_semitones_keeps_the_length():
    higher = retimed(tone(440.0), 96_000, RATE, semitones=2)
    assert len(higher) == 96_000
    assert 1200 * np.log2(pitch_hz(higher) / 440) == pytest.approx(200, abs=2)


@pytest.mark.parametrize("ratio", RATIOS)
def test_notes_stay_in_tune_within_2_cents(ratio):
    for hertz in (110.0, 330.0, 1760.0):
        made = retimed(tone(hertz), round(96_000 * ratio), RATE)
        assert abs(1200 * np.log2(pitch_hz(made) / hertz)) < 2


def test_a_one_shot_keeps_its_attacks_too():
    take = hits()
    made = retimed(take, 108_000, RATE, closed=False)
    for hit in range(8):
        place = 1_000 + hit * GAP
        assert rise_db(made, round(place * 1.125)) > rise_db(take, place) - 0.5


@pytest.mark.parametrize(
    ("role", "drums"),
    [("drums", True), ("bass line", False), ("chords", False)],
)
def test_drums_are_told_from_notes_with_attacks(role, drums):
    loop = known_loop("house", role, 1, key="A minor", bars=1)
    assert is_drums(extract_features(loop.audio, RATE, closed=True)) == drums


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_mix_keeps_its_attacks_and_its_notes_in_tune(ratio):
    turns = np.arange(96_000)[:, None] / 96_000
    notes = sum(np.sin(2 * np.pi * 2 * hertz * turns) for hertz in (330, 415, 494))
    loop = (0.3 * hits() + 0.2 * notes).astype(np.float32)
    assert not is_drums(extract_features(loop, RATE, closed=True))
    made = retimed(loop, round(96_000 * ratio), RATE)
    places = 1_000 + GAP * np.arange(8)
    lost = [rise_db(loop, at) - rise_db(made, round(at * ratio)) for at in places]
    assert np.mean(lost) < 0.8
    assert abs(1200 * np.log2(pitch_hz(made) / pitch_hz(loop))) < 2


def test_drums_over_a_steady_sub_are_still_drums():
    turns = np.arange(96_000)[:, None] / 96_000
    loop = hits() + (0.5 * np.sin(2 * np.pi * 110 * turns)).astype(np.float32)
    assert is_drums(extract_features(loop, RATE, closed=True))


def test_a_plucked_bass_is_notes_though_only_noise_is_above_it():
    times = np.arange(GAP)[:, None] / RATE
    notes = sum(np.sin(2 * np.pi * part * 82 * times) / part for part in (1, 2, 3))
    bass = np.roll(np.tile(notes * np.exp(-times / 0.3), (8, 1)), 1_000, axis=0)
    loop = (hits() + 0.6 * bass).astype(np.float32)
    assert not is_drums(extract_features(loop, RATE, closed=True))


def test_drums_with_a_tom_in_tune_are_still_drums():
    times = np.arange(GAP)[:, None] / RATE
    tom = np.sin(2 * np.pi * 165 * times) * np.exp(-times / 0.15)
    loop = (hits() + 0.6 * np.roll(np.tile(tom, (8, 1)), 1_000, axis=0)).astype(np.float32)
    assert is_drums(extract_features(loop, RATE, closed=True))


def test_attacks_are_found_where_they_are_on_the_circle():
    found = find_attacks(extract_features(hits(first=50), RATE, closed=True), 0.045)
    np.testing.assert_allclose(found, 50 / RATE + np.arange(8) * 0.25, atol=0.005)
