"""The measures of the benchmark of stretching, on loops that were changed by a known amount."""

import numpy as np
import pytest

from benchmarks.stretch_measures import attack_lost_db, cents_off, figures_of, side_over_mid_db
from engine.loops.resampling import resample_circular
from tests.engine.craft.test_retime import hits

RATE = 48_000


def test_nothing_is_lost_where_nothing_was_done():
    loop = 0.5 * hits()
    figures = figures_of(loop, loop, RATE)
    assert figures == pytest.approx(dict.fromkeys(figures, 0.0), abs=1e-3)


def test_attacks_that_rise_over_20_ms_are_less_steep():
    loop = hits()
    late = loop.copy()
    for hit in range(8):
        place = 1_000 + hit * 12_000
        late[place : place + 960] *= np.linspace(0, 1, 960, dtype=np.float32)[:, None]
    assert attack_lost_db(loop, late, RATE) > 6


def test_a_loop_ten_cents_higher_is_out_of_tune_by_ten_cents():
    turns = np.arange(192_000) / 192_000
    chord = sum(np.sin(2 * np.pi * 4 * hertz * turns) for hertz in (220, 277, 330, 440))
    chord = np.repeat(0.2 * chord[:, None], 2, axis=1).astype(np.float32)
    higher = resample_circular(chord, round(192_000 / 2 ** (10 / 1200)))
    assert cents_off(chord, higher, RATE) == pytest.approx(10, abs=0.5)


def test_sides_6_db_softer_are_6_db_softer():
    loop = hits()
    mid = loop.mean(axis=1, keepdims=True)
    narrow = mid + (loop - mid) / 2
    assert side_over_mid_db(loop) - side_over_mid_db(narrow) == pytest.approx(6.02, abs=0.01)
