import threading

import pytest

from engine.task_thread import TaskThread
from tests.fakes.waiting import until

LIMIT_S = 20
LATER_S = 1_000.0


class Gate:
    """A task that runs until it is opened."""

    def __init__(self):
        self.entered, self._opened = threading.Event(), threading.Event()

    def __call__(self):
        self.entered.set()
        assert self._opened.wait(LIMIT_S)

    def open(self):
        self._opened.set()


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def make_thread():
    made = []

    def make(**options):
        made.append(TaskThread("test-tasks", **options))
        return made[-1]

    yield make
    for thread in made:
        thread.close()


@pytest.fixture
def held(make_thread, gate):
    """Call it for a thread whose first task runs until the gate is opened."""

    def make(**options):
        thread = make_thread(**options)
        thread.run(gate)
        assert gate.entered.wait(LIMIT_S)
        return thread

    return make


def test_tasks_run_in_order_on_one_lazily_started_thread(make_thread):
    before, ran = set(threading.enumerate()), []
    thread = make_thread()
    assert set(threading.enumerate()) == before
    for number in range(3):
        assert thread.run(
            lambda number=number: ran.append((number, threading.current_thread().name))
        )
    assert thread.close(finish=True)
    assert ran == [(number, "test-tasks") for number in range(3)]


def test_a_task_replaces_a_waiting_one_with_the_same_key(held, gate):
    thread, ran = held(), []
    thread.run(lambda: ran.append("old"), key="a", on_dropped=lambda: ran.append("dropped"))
    thread.run(lambda: ran.append("other"))
    thread.run(lambda: ran.append("new"), key="a")
    assert ran == ["dropped"]
    gate.open()
    thread.close(finish=True)
    assert ran == ["dropped", "new", "other"]


def test_a_running_task_is_not_replaced(make_thread, gate):
    thread, ran = make_thread(), []
    thread.run(gate, key="a", on_dropped=lambda: ran.append("dropped"))
    assert gate.entered.wait(LIMIT_S)
    thread.run(lambda: ran.append("second"), key="a")
    gate.open()
    thread.close(finish=True)
    assert ran == ["second"]


def test_newest_first_runs_the_last_request_first(held, gate):
    thread, ran = held(newest_first=True), []
    for name in "abca":
        thread.run(lambda name=name: ran.append(name), key=name)
    gate.open()
    thread.close(finish=True)
    assert ran == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("newest_first", "left"),
    [(False, ["a", "b"]), (True, ["c", "b"])],
    ids=["the oldest stay", "the newest stay"],
)
def test_when_too_many_tasks_wait_the_last_in_line_is_dropped(held, gate, newest_first, left):
    thread, ran, dropped = held(newest_first=newest_first, most_waiting=2), [], []
    taken = [
        thread.run(
            lambda name=name: ran.append(name), on_dropped=lambda name=name: dropped.append(name)
        )
        for name in "abc"
    ]
    assert taken == [True, True, newest_first]
    gate.open()
    thread.close(finish=True)
    assert (ran, dropped) == (left, ["a"] if newest_first else ["c"])


def test_a_delayed_task_lets_others_pass_and_runs_when_it_is_due(make_thread):
    thread, ran = make_thread(), []
    thread.run(lambda: ran.append("delayed"), after_s=0.05)
    thread.run(lambda: ran.append("at once"))
    until(lambda: len(ran) == 2)
    assert ran == ["at once", "delayed"]


def test_requesting_a_delayed_task_without_delay_makes_it_due(make_thread):
    thread, ran = make_thread(), []
    thread.run(lambda: ran.append("delayed"), key="a", after_s=LATER_S)
    thread.run(lambda: ran.append("at once"), key="a")
    until(lambda: ran)
    assert ran == ["at once"]


def test_repeating_a_delay_does_not_postpone_a_task(make_thread):
    thread, ran = make_thread(), []
    thread.run(lambda: ran.append("first"), key="a", after_s=0.05)
    thread.run(lambda: ran.append("second"), key="a", after_s=LATER_S)
    until(lambda: ran)
    assert ran == ["second"]


def test_a_task_may_repeat_itself_until_the_thread_is_closed(make_thread):
    thread, ran = make_thread(), []

    def poll():
        ran.append(thread.run(poll, key="poll", after_s=0.001))

    thread.run(poll)
    until(lambda: len(ran) > 3)
    assert thread.close()


def test_closing_waits_for_the_running_task_and_drops_the_others(make_thread):
    thread, entered, ran, dropped = make_thread(), threading.Event(), [], []

    def long():
        entered.set()
        until(lambda: thread.closing)
        ran.append("long")

    thread.run(long)
    thread.run(lambda: ran.append("waiting"), on_dropped=lambda: dropped.append("waiting"))
    assert entered.wait(LIMIT_S)
    assert thread.close()
    assert not thread.run(lambda: ran.append("late"), on_dropped=lambda: dropped.append("late"))
    assert (ran, dropped) == (["long"], ["waiting", "late"])


def test_closing_can_finish_waiting_tasks_due_or_not(make_thread):
    thread, ran = make_thread(), []
    thread.run(lambda: ran.append("later"), after_s=LATER_S)
    thread.run(lambda: ran.append("now"))
    assert thread.close(finish=True)
    assert ran == ["now", "later"]


def test_closing_gives_up_on_a_hanging_task(held, gate, expect_log):
    expect_log("WARNING engine.task_thread: thread test-tasks did not end within 0.01 s")
    thread = held()
    assert not thread.close(limit_s=0.01)
    gate.open()
    assert thread.close()


def test_closing_without_a_task_needs_no_thread(make_thread):
    assert make_thread().close(finish=True)


def test_an_exception_is_reported_and_the_next_task_runs(make_thread, monkeypatch):
    reported, ran = [], []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    thread = make_thread()
    thread.run(lambda: 1 / 0)
    thread.run(lambda: ran.append("next"))
    thread.close(finish=True)
    assert ran == ["next"]
    (failure,) = reported
    assert (failure.exc_type, failure.thread.name) == (ZeroDivisionError, "test-tasks")


def test_a_long_task_ends_early_and_in_silence_when_its_thread_is_closed(make_thread, monkeypatch):
    reported, entered, ended = [], threading.Event(), []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    thread = make_thread()

    def long():
        entered.set()
        try:
            until(thread.check, LIMIT_S)
        finally:
            ended.append("early")

    thread.run(long)
    assert entered.wait(LIMIT_S)
    assert thread.close()
    assert (ended, reported) == (["early"], [])
