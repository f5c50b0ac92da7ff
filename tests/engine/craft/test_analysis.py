"""What an analysis says of audio: as a source, and detected alone."""

import itertools

import numpy as np
import pytest

from benchmarks.craft.takes import known_loop
from engine.craft.analysis import analyse, detected_in
from engine.craft.hearing import Hearing
from engine.craft.sources import source_of
from engine.loops.key import Key
from engine.loops.source.facts import KnownFacts, Origin
from engine.loops.source.names import name_facts

RATE = 44_100


def clicks(bpm: float, beats: int):
    """Return the same click on each beat, (frames, 1)."""
    random = np.random.default_rng(0)
    click = random.standard_normal(2000) * np.exp(-np.arange(2000) / 300) * 0.3
    audio = np.zeros(round(beats * 60 / bpm * RATE))
    for beat in range(beats):
        first = round(beat * 60 / bpm * RATE)
        audio[first : first + len(click)] += click
    return audio[:, None].astype(np.float32)


def analysed(audio, name="clicks.wav"):
    return analyse(audio, RATE, name, name_facts(name), None, lambda _fraction, _stage: None)


def test_clicks_that_may_be_beats_or_eighths_have_two_tempos():
    """They last four bars at 90 BPM, which is more usual than eight at 180."""
    detected = analysed(clicks(180, 32)).detected
    assert [each.bpm for each in detected.tempos] == [90.0, 180.0]
    first, second = (each.confidence for each in detected.tempos)
    assert 0.4 < first < 0.8
    assert 0.2 < second < first
    assert detected.bars == 4


def test_clicks_that_can_only_be_beats_have_one_tempo():
    detected = analysed(clicks(120, 32)).detected
    assert [each.bpm for each in detected.tempos] == [120.0]
    assert detected.tempos[0].confidence > 0.9
    assert detected.keys == ()


def beat(bpm, kicks, bars):
    """Return a beat: kicks on these sixteenths, snares on two and four, hi-hats in eighths."""
    random, times = np.random.default_rng(0), np.arange(RATE // 4) / RATE
    fall = 50 * times + 3 * (1 - np.exp(-times * 40))
    kick = 0.8 * np.sin(2 * np.pi * fall) * np.exp(-times * 14)
    snare = 0.5 * random.standard_normal(len(times)) * np.exp(-times * 18)
    hat = 0.15 * random.standard_normal(len(times)) * np.exp(-times * 80)
    step = 15 / bpm * RATE
    audio = np.zeros(round(16 * bars * step) + RATE)
    for sound, steps in ((kick, kicks), (snare, (4, 12)), (hat, range(0, 16, 2))):
        for place in (round((16 * bar + each) * step) for bar in range(bars) for each in steps):
            audio[place : place + len(sound)] += sound
    return audio[: round(16 * bars * step), None].astype(np.float32)


@pytest.mark.parametrize(
    ("bpm", "kicks", "bars"),
    [(80, (0, 3, 10), 2), (85, (0, 10), 2), (160, (0, 10), 4), (170, (0, 8), 4)],
)
def test_a_slow_beat_is_not_taken_for_a_fast_one_nor_the_reverse(bpm, kicks, bars):
    detected = analysed(beat(bpm, kicks, bars), "beat.wav").detected
    assert (detected.tempos[0].bpm, detected.bars) == (bpm, bars)


def test_three_bars_are_not_sure_as_they_may_be_four_of_triplets():
    loop = known_loop("house", "drums", 77, key="A minor", meter="3/4")
    hearing = Hearing(loop.audio, loop.grid.rate)
    found = detected_in(hearing, source_of(hearing, "loop"))
    first, second = found.tempos
    assert (found.bars, first.bpm) == (3, loop.grid.bpm)
    assert second.confidence < first.confidence < 0.6


def test_what_a_name_says_is_used_and_what_is_detected_stands_beside_it():
    found = analysed(clicks(120, 32), "clicks_60bpm_Dm.wav")
    assert found.source is not None
    assert (found.source.bpm.value, found.source.bpm.origin) == (60.0, Origin.NAME)
    assert found.source.key.value == Key("D", "minor")
    assert [each.bpm for each in found.detected.tempos] == [120.0]
    assert found.detected.bars == 8


def test_a_sound_too_short_for_a_bar_is_measured_and_says_why_it_is_no_source():
    found = analysed(clicks(120, 32)[:4_000])
    assert found.source is None
    assert found.problem.startswith("The source 'clicks.wav' lasts 0.1 s, too short for a bar")
    assert found.detected.true_peak_db == pytest.approx(-3.5, abs=0.5)
    assert found.detected.seam is None


def test_an_analysis_can_be_ended_at_each_of_its_steps():
    audio = clicks(120, 32)
    stages = []
    analyse(audio, RATE, "clicks", KnownFacts(), None, lambda _, stage: stages.append(stage))
    assert [stage for stage, _ in itertools.groupby(stages)] == [
        "detecting the tempo", "detecting the key", "measuring",
    ]  # fmt: skip
