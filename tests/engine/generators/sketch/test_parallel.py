"""Work on two threads: in order, to the bit as on one, and ended by its first error."""

import queue
import threading

import numpy as np
import pytest

from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.synth import parallel
from engine.loops.request import LoopRequest, checked_request


def drums():
    generator = SketchGenerator()
    request = checked_request(LoopRequest(prompt="dusty lo-fi drums", bars=1, bpm=180, seed=3))
    grid = generator.plan(request).grid
    (take,) = generator.generate(request, grid, [3], lambda *_progress: None)
    return take.audio


def test_a_loop_is_the_same_as_one_thread_makes_it(monkeypatch):
    by_two = drums()
    monkeypatch.setattr(parallel, "_waiting", queue.LifoQueue)
    assert by_two.tobytes() == drums().tobytes()


def test_results_come_in_order_and_channels_side_by_side():
    assert list(parallel.in_order(lambda number: number**2, range(9))) == [
        number**2 for number in range(9)
    ]
    sound = np.arange(8, dtype=np.float32).reshape(2, 4)
    assert np.array_equal(parallel.by_channel(lambda side: side[::-1], sound), sound[:, ::-1])


def test_an_error_is_raised_where_the_result_is_taken():
    made = parallel.in_order(lambda number: 1 / number, [1, 0, 2])
    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_work_may_ask_for_more_work():
    def sums(count):
        return sum(parallel.in_order(lambda number: sum(parallel.in_order(int, [number])), count))

    assert list(parallel.in_order(sums, [range(3), range(4)])) == [3, 6]


def test_who_asks_does_what_the_helper_has_not_begun():
    free, done_by = threading.Event(), []
    busy = parallel.Begun(free.wait)
    try:
        assert (
            list(parallel.in_order(lambda _number: threading.current_thread().name, "ab"))
            == [threading.current_thread().name] * 2
        )
        waiting = parallel.Begun(lambda: done_by.append(threading.current_thread()))
        waiting.result()
        assert done_by == [threading.current_thread()]
    finally:
        free.set()
    assert busy.result()


def test_work_that_was_dropped_is_not_done():
    free, done = threading.Event(), []
    busy = parallel.Begun(free.wait)
    parallel.Begun(lambda: done.append("dropped")).drop()
    after = parallel.Begun(lambda: done.append("kept"))
    free.set()
    busy.result()
    after.result()
    assert done == ["kept"]
