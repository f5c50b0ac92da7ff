"""Edits of a clip: what remains of its audio, its bars and its tags."""

import numpy as np
import pytest

from engine.loops.edited import edited_audio
from engine.loops.edits import NONE, Edits, placed
from engine.loops.errors import LoopError
from engine.loops.tempo import LoopGrid, Meter

GRID = LoopGrid(bpm=93.0, meter=Meter(7, 8), bars=4, rate=44_100)
JOIN = round(0.003 * GRID.rate)


@pytest.fixture
def audio():
    return np.random.default_rng(1).uniform(-0.5, 0.5, (GRID.frames, 2)).astype(np.float32)


def test_gain_alone_multiplies_every_frame(audio):
    made = edited_audio(audio, GRID, Edits(gain_db=-6.0))
    np.testing.assert_array_equal(made, audio * np.float32(10 ** (-6 / 20)))


def test_fades_end_on_their_beat_and_leave_the_rest_exact(audio):
    made = edited_audio(audio, GRID, Edits(fade_in=1.0, fade_out=0.5))
    begin, end = GRID.frame_at(1.0), len(audio) - GRID.frame_at(0.5)
    np.testing.assert_array_equal(made[begin:end], audio[begin:end])
    curve = 0.5 - 0.5 * np.cos(np.pi * np.arange(begin) / begin)
    np.testing.assert_allclose(made[:begin], audio[:begin] * curve[:, None], atol=1e-6)
    assert not made[[0, -1]].any()
    assert np.abs(made[begin - 9 : begin]).max() > 0.4 > np.abs(made[-9:]).max()


def test_a_trimmed_loop_has_exactly_its_bars_and_runs_round(audio):
    part, two = placed(Edits(bars=(2, 3)), GRID), LoopGrid(
        bpm=93.0, meter=Meter(7, 8), bars=2, rate=44_100
    )  # fmt: skip
    made = edited_audio(audio, GRID, Edits(bars=(2, 3)))
    first = GRID.frame_at(GRID.meter.bar_quarters)
    assert (part.grid, part.first, len(made)) == (two, first, two.frames)
    np.testing.assert_array_equal(made[:-JOIN], audio[first : first + two.frames - JOIN])
    np.testing.assert_array_equal(made[-1], audio[first - 1])  # what leads to the beginning


@pytest.mark.parametrize(
    ("stored", "edits"),
    [
        ({"gain_db": -3, "fade_in": 1.5, "bars": [1, 2]},
         Edits(gain_db=-3.0, fade_in=1.5, bars=(1, 2))),
        ({"gain_db": 1e9, "fade_in": 2.0}, Edits(fade_in=2.0)),
        ({"gain_db": "loud", "fade_in": -1, "fade_out": None, "bars": [0, 2]}, NONE),
        ({"bars": [1.5, 2], "gain_db": True, "pan": 3}, NONE),
        ("loud", NONE), (None, NONE), ([1], NONE),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_costs_that_edit_alone(stored, edits):
    assert Edits.of_stored(stored) == edits


@pytest.mark.parametrize("bars", [(3, 2), (3, 9), (5, 5)])
def test_bars_that_a_loop_does_not_have_trim_nothing(bars):
    assert placed(Edits(bars=bars), GRID).grid == GRID


def test_fades_that_are_longer_than_the_clip_never_overlap():
    shot = LoopGrid(bpm=120.0, bars=0, seconds=1.0)
    part = placed(Edits(fade_in=1.5, fade_out=9.0, bars=(1, 2)), shot)
    assert (part.grid, part.fade_in, part.fade_out) == (shot, 36_000, 12_000)


def test_a_file_that_ends_too_early_is_not_trimmed(audio):
    with pytest.raises(LoopError, match="not in its file"):
        edited_audio(audio[: GRID.frames // 2], GRID, Edits(bars=(3, 4)))
