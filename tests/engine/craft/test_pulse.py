"""Tempo, phase and bar of clicks, whose truth is known, and of real loops."""

import numpy as np
import pytest

from benchmarks.craft.takes import known_loop
from engine.craft.features import extract_features
from engine.craft.pulse import find_pulse
from engine.craft.tempo import bpm_near, detect_bpm
from tests.fakes.grooves import groove

RATE = 48_000


def click_track(bpm, first_s=0.0, seconds=8.0, accent_every=4):
    noise = np.random.default_rng(1)
    audio = np.zeros((round(seconds * RATE), 2), np.float32)
    length = RATE // 20
    fall = np.exp(-np.arange(length) / 300)[:, None]
    low = (
        np.sin(2 * np.pi * 70 * np.arange(length) / RATE)[:, None]
        * np.exp(-np.arange(length) / 1500)[:, None]
    )
    for beat in range(int((seconds - first_s) * bpm / 60)):
        start = round((first_s + beat * 60 / bpm) * RATE)
        part = audio[start : start + length]
        burst = noise.standard_normal((length, 2)) * fall * 0.2
        if beat % accent_every == 0:
            burst = burst + low
        part += (0.5 * burst[: len(part)]).astype(np.float32)
    return audio


@pytest.mark.parametrize("bpm", [72.0, 93.5, 120.0, 128.37, 174.0])
@pytest.mark.parametrize("kind", ["clicks", "groove"])
def test_the_requested_tempo_is_detected_to_a_tenth_of_a_percent(kind, bpm):
    heard = extract_features(click_track(bpm) if kind == "clicks" else groove(bpm, 8.0, RATE), RATE)
    assert detect_bpm(heard, bpm) == pytest.approx(bpm, rel=1e-3)
    assert bpm_near(heard, bpm * 1.05, 0.1) == pytest.approx(bpm, rel=1e-3)


@pytest.mark.parametrize("bpm", [93.5, 120.0, 128.37])
def test_the_usual_tempo_of_a_groove_is_detected_without_a_hint(bpm):
    assert detect_bpm(extract_features(groove(bpm, 8.0, RATE), RATE)) == pytest.approx(
        bpm, rel=1e-3
    )


@pytest.mark.parametrize("first_s", [0.0, 0.05, 0.21, 0.4])
def test_the_beat_of_clicks_is_detected_to_3_ms(first_s):
    heard = extract_features(click_track(120.0, first_s), RATE)
    pulse = find_pulse(heard, 120.0, 4)
    off_s = (pulse.first_beat_s - first_s + 0.25) % 0.5 - 0.25
    assert abs(off_s) < 0.003
    assert pulse.confidence > 0.5


@pytest.mark.parametrize("beats", [3, 4, 5])
def test_the_bar_starts_with_the_low_accent(beats):
    heard = extract_features(click_track(120.0, 0.1 + 0.5 * beats, accent_every=beats), RATE)
    pulse = find_pulse(heard, 120.0, beats)
    bars_off = (pulse.first_bar_s - 0.1) / (0.5 * beats)
    assert bars_off == pytest.approx(round(bars_off), abs=0.01)


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "6/8", "7/8"])
def test_the_bar_of_drums_is_detected_in_any_meter(meter):
    found = [bar_is_found(meter, seed) for seed in range(70, 75)]
    assert sum(found) >= 3


def bar_is_found(meter, seed):
    # In 6/8, only about two in three are found, of both versions of sketch: see docs/craft.md.
    loop = known_loop("rock", "drums", seed, key="C major", meter=meter, version=1)
    shift = len(loop.audio) * 5 // 13
    turned = extract_features(np.roll(loop.audio, shift, axis=0), RATE)
    bar_quarters = float(loop.grid.meter.bar_quarters)
    pulse = find_pulse(turned, loop.grid.bpm, bar_quarters)
    bar_s = bar_quarters * pulse.beat_s
    off_s = (pulse.first_bar_s - shift / RATE + bar_s / 2) % bar_s - bar_s / 2
    return abs(off_s) < 0.01


def test_a_loop_is_analysed_as_a_circle():
    one_bar = click_track(120.0, 0.25, seconds=2.25)[: 2 * RATE]
    heard = extract_features(one_bar, RATE, closed=True)
    assert detect_bpm(heard) == pytest.approx(120.0, rel=1e-6)


def test_silence_and_noise_have_no_certain_pulse():
    silent = extract_features(np.zeros((4 * RATE, 1), np.float32), RATE)
    assert detect_bpm(silent) == 0.0
    assert bpm_near(silent, 100.0, 0.1) == 100.0
    noise = np.random.default_rng(2).standard_normal((8 * RATE, 1)).astype(np.float32)
    assert find_pulse(extract_features(noise, RATE), 120.0, 4).confidence < 0.08
