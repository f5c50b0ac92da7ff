import random

import pytest

from playback.clocks import StreamClock

RATE, BLOCK, BEGIN_S = 48_000, 512, 1000.0


def run(clock, blocks, late_s, first=0):
    """Let callbacks come, each late by `late_s()`; returns the time of the last."""
    for number in range(first, first + blocks):
        clock.note(number * BLOCK, BEGIN_S + number * BLOCK / RATE + late_s())
    return BEGIN_S + (first + blocks) * BLOCK / RATE


def test_punctual_callbacks_give_the_exact_frame():
    clock = StreamClock(RATE)
    now_s = run(clock, 100, lambda: 0.0)
    assert clock.frame_at(BEGIN_S + 2.5, now_s) == 120_000


@pytest.mark.parametrize("seed", range(8))
def test_late_callbacks_give_the_frame_to_a_fraction_of_a_block(seed):
    rng, clock = random.Random(seed), StreamClock(RATE)
    now_s = run(clock, 200, lambda: rng.uniform(0.0, 0.008))
    assert clock.frame_at(BEGIN_S + 10.0 + 0.004, now_s) == pytest.approx(480_000, abs=BLOCK / 4)


def test_bursts_of_four_callbacks_do_too():
    clock = StreamClock(RATE)
    times = iter(range(400))
    now_s = run(clock, 400, lambda: (3 - next(times) % 4) * BLOCK / RATE)
    late_frames = 1.5 * BLOCK
    found = clock.frame_at(BEGIN_S + 10.0, now_s) + late_frames
    assert found == pytest.approx(480_000, abs=BLOCK / 4)


def test_a_stream_that_stalled_is_followed_at_once():
    clock = StreamClock(RATE)
    now_s = run(clock, 50, lambda: 0.0)
    run(clock, 1, lambda: 3.0, first=50)
    assert clock.frame_at(BEGIN_S + 3.0 + 1.0, now_s) == 48_000


def test_before_any_callback_the_first_frame_is_now():
    assert StreamClock(RATE).frame_at(7.5, now_s=7.0) == 24_000
