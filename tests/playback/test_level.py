import numpy as np

from playback.level import Level


def block(left, right, frames=512):
    out = np.zeros((frames, 2), dtype=np.float32)
    out[frames // 2] = left, right
    return out


def test_the_peak_of_each_side_is_held_until_read():
    level = Level(512)
    level.on_block(block(-0.5, 0.25))
    level.on_block(block(0.125, -0.75, frames=7))
    assert level.take() == (0.5, 0.75)
    assert level.take() == (0.0, 0.0)


def test_the_block_itself_is_unchanged():
    out = block(-0.5, 0.25)
    before = out.copy()
    Level(512).on_block(out)
    assert np.array_equal(out, before)
