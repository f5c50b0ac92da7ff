import threading

import pytest

from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread

LIMIT_MS = 10_000
LIMIT_S = 10


pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def background():
    main_thread = MainThread()
    background = Background("test-background", main_thread)
    yield background
    main_thread.close()
    background.close()


def test_tasks_run_in_order_on_a_thread_and_results_arrive_on_the_main_thread(qtbot, background):
    ran_on, arrived = [], []

    def task(number):
        ran_on.append(threading.current_thread().name)
        return number

    for number in range(3):
        background.run(
            lambda number=number: task(number),
            lambda result: arrived.append((result, threading.current_thread())),
        )
    qtbot.waitUntil(lambda: len(arrived) == 3, timeout=LIMIT_MS)
    assert arrived == [(number, threading.main_thread()) for number in range(3)]
    assert set(ran_on) == {"test-background"}


def test_an_expected_error_goes_to_its_handler_and_the_next_task_runs(qtbot, background):
    errors, results = [], []

    def fail():
        raise FileNotFoundError("no such clip")

    background.run(fail, results.append, expected=OSError, on_error=errors.append)
    background.run(lambda: "whole", results.append)
    qtbot.waitUntil(lambda: results == ["whole"], timeout=LIMIT_MS)
    assert [str(error) for error in errors] == ["no such clip"]


def test_an_unexpected_error_is_raised_on_the_main_thread(qtbot, background):
    results = []
    with qtbot.capture_exceptions() as raised:
        background.run(lambda: 1 / 0, results.append, expected=OSError)
        background.run(lambda: "whole", results.append)
        qtbot.waitUntil(lambda: results == ["whole"], timeout=LIMIT_MS)
    assert [kind for kind, _value, _trace in raised] == [ZeroDivisionError]


def test_closing_waits_for_the_running_task_and_drops_the_others(background):
    began, may_end, ended = threading.Event(), threading.Event(), []

    def first():
        began.set()
        may_end.wait(LIMIT_S)
        ended.append("first")

    background.run(first)
    background.run(lambda: ended.append("second"))
    assert began.wait(LIMIT_S)
    closer = threading.Thread(target=background.close)
    closer.start()
    may_end.set()
    closer.join(LIMIT_S)
    assert not closer.is_alive()
    background.run(lambda: ended.append("third"))
    assert ended == ["first"]


def test_without_a_task_there_is_no_thread():
    before = set(threading.enumerate())
    background = Background("test-background", MainThread())
    assert set(threading.enumerate()) == before
    background.close()
