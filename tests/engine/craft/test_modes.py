"""Loops made of loops: moved, blended, and with bars redone."""

import numpy as np
import pytest

from benchmarks.craft.takes import known_loop
from engine.craft.loudness import loudness_lufs, true_peak_db
from engine.craft.modes import blended, moved, redone, semitones_between
from engine.craft.sources import Source
from engine.loops.errors import LoopError
from engine.loops.key import Key
from engine.loops.recipe import Repairs
from engine.loops.tempo import LoopGrid

GRID = LoopGrid(bpm=120.0, bars=4)


def noise(seed, grid=GRID):
    shape = (grid.frames, 2)
    return (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def source(seed, grid=GRID, key=None):
    return Source(label=str(seed), audio=noise(seed, grid), grid=grid, key=key, title="noise")


@pytest.mark.parametrize(
    ("heard", "asked", "semitones"),
    [
        ("A minor", "C minor", 3),
        ("C major", "B major", -1),
        ("A minor", "C major", 0),
        ("C major", "F# major", -6),
        ("C major", "E minor", -5),
    ],
)
def test_the_shift_between_keys_is_the_shortest(heard, asked, semitones):
    assert semitones_between(Key.parse(heard), Key.parse(asked)) == semitones
    assert semitones_between(None, Key.parse(asked)) == 0


def test_a_source_already_on_the_grid_is_unchanged_bit_for_bit():
    audio, repairs = moved(source(1), GRID, None)
    np.testing.assert_array_equal(audio, noise(1))
    assert repairs == Repairs()


@pytest.mark.parametrize("bpm", [93.5, 117.0, 160.0])
def test_another_tempo_gives_the_exact_length(bpm):
    grid = LoopGrid(bpm=bpm, bars=4)
    audio, repairs = moved(source(1), grid, None)
    assert len(audio) == grid.frames
    assert repairs.stretch == pytest.approx(120 / bpm)


@pytest.mark.parametrize("peak", [0.5, 0.99, 1.2])
def test_another_tempo_keeps_the_loudness_and_records_gain_and_limiting(peak):
    loop = known_loop("house", "drums", 1, key="A minor", bars=1)
    audio = loop.audio * np.float32(peak / np.abs(loop.audio).max())
    there = Source(label="a", audio=audio, grid=loop.grid, key=None, title="a")
    grid = LoopGrid(bpm=loop.grid.bpm * 1.14, bars=1)
    made, repairs = moved(there, grid, None)
    levels = [loudness_lufs(each, 48_000, closed=True) for each in (audio, made)]
    assert levels[1] == pytest.approx(levels[0], abs=0.3)
    assert true_peak_db(made) <= -1.0
    assert (repairs.limited_db > 0) == (peak > 0.9)


def test_a_clipped_source_on_the_grid_is_limited():
    clipped = noise(1) * np.float32(3)
    there = Source(label="a", audio=clipped, grid=GRID, key=None, title="a")
    made, repairs = moved(there, GRID, None)
    assert true_peak_db(made) <= -1.0
    assert repairs.limited_db > 1.0


def test_another_rate_keeps_the_pitch_and_gives_the_exact_length():
    grid = LoopGrid(bpm=120.0, bars=4, rate=44_100)
    turns = np.arange(GRID.frames) / GRID.frames
    tone = np.sin(2 * np.pi * 3520 * turns).astype(np.float32)[:, None]  # 440 Hz in 8 s
    made = moved(Source(label="a", audio=tone, grid=GRID, key=None, title="a"), grid, None)[0]
    assert len(made) == grid.frames
    assert np.argmax(np.abs(np.fft.rfft(made[:, 0]))) == 3520


def test_too_few_bars_are_repeated_and_extra_ones_left_out():
    audio = moved(source(1), LoopGrid(bpm=120.0, bars=8), None)[0]
    np.testing.assert_array_equal(audio[GRID.frames :], noise(1))
    audio = moved(source(1), LoopGrid(bpm=120.0, bars=1), None)[0]
    np.testing.assert_array_equal(audio, noise(1)[:96_000])


def test_a_blend_is_one_source_at_0_the_other_at_1_and_as_loud_between():
    one, other = noise(1), noise(2)
    np.testing.assert_allclose(blended(one, other, GRID, 0.0), noise(1), atol=1e-6)
    last = blended(one, other, GRID, 1.0)
    assert np.corrcoef(last[:, 0], noise(2)[:, 0])[0, 1] > 0.999
    middle = blended(one, other, GRID, 0.5)
    assert np.std(middle) == pytest.approx(np.std(noise(1)), rel=0.03)


def test_redone_bars_change_and_all_others_stay_bit_for_bit():
    old, new = noise(1), noise(2)
    made = redone(old, new, GRID, (3,))
    bar = 96_000
    np.testing.assert_array_equal(made[: 2 * bar], old[: 2 * bar])
    np.testing.assert_array_equal(made[3 * bar :], old[3 * bar :])
    np.testing.assert_array_equal(
        made[2 * bar + 960 : 3 * bar - 960], new[2 * bar + 960 : 3 * bar - 960]
    )
    assert abs(made[2 * bar] - old[2 * bar]).max() < 0.01
    np.testing.assert_array_equal(old, noise(1))


def test_adjacent_bars_are_redone_without_a_join_between_them():
    made = redone(noise(1), noise(2), GRID, (4, 1))
    np.testing.assert_array_equal(made[:90_000], noise(2)[:90_000])
    np.testing.assert_array_equal(made[-90_000:], noise(2)[-90_000:])


def test_bars_are_not_exchanged_between_loops_of_different_shapes():
    with pytest.raises(LoopError, match="Bars cannot be exchanged between loops"):
        redone(noise(1), noise(2)[:-1], GRID, (1,))
