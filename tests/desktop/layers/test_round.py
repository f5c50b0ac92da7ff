import numpy as np
import pytest

from desktop.layers.round import Round
from engine.loops.tempo import Meter
from playback.clip_audio import ClipAudio
from tests.fakes.clips import grid_of

FOUR = Meter()


def round_of(*grids, bpm=120.0, meter=FOUR):
    return Round.of(dict(enumerate(grids)), bpm, meter)


def clip_on(grid, rate=48_000):
    audio = np.random.default_rng(1).uniform(-1, 1, (grid.frames, 2)).astype(np.float32)
    return ClipAudio(audio=audio, rate=rate, bars=grid.bars, beats=grid.meter.numerator)


@pytest.mark.parametrize(
    ("grids", "meter", "bars"),
    [
        ([grid_of(bars=4, bpm=120.0), grid_of(bars=1, bpm=120.0)], "4/4", 4),
        ([grid_of(bars=4, bpm=60.0)], "4/4", 8),  # half-time
        ([grid_of("7/8", bars=3, bpm=120.0)], "7/8", 3),  # loops of one meter give it
        ([grid_of("7/8", bars=2, bpm=120.0), grid_of(bars=1, bpm=120.0)], "4/4", 2),
        ([], "4/4", 1),
    ],
)
def test_a_round_is_as_long_as_the_longest_loop_in_whole_bars(grids, meter, bars):
    found = round_of(*grids)
    assert (str(found.meter), found.bars) == (meter, bars)


def test_a_loop_that_divides_the_round_is_not_copied():
    long, short = grid_of(bars=4, bpm=123.4), grid_of(bars=1, bpm=123.4)
    found, clip = round_of(long, short, bpm=123.4), clip_on(short)
    layer = found.layer(clip, short, 0.5)
    assert layer.audio is clip.audio
    assert len(layer.starts) == 5
    assert layer.starts[-1] == long.frames == found.layers({}, 48_000).frames


def test_a_loop_that_does_not_is_cut_where_all_begin_again():
    long, three = grid_of(bars=4, bpm=120.0), grid_of(bars=3, bpm=120.0)
    found, clip = round_of(long, three), clip_on(three)
    layer = found.layer(clip, three, 1.0)
    assert layer.starts == (0, long.frames)
    assert np.array_equal(layer.audio[: three.frames], clip.audio)
    assert np.array_equal(layer.audio[three.frames : -300], clip.audio[: 96_000 - 300])
    assert not layer.audio[-1].any()
