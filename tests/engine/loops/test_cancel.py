"""Work that a cancel does not wait for."""

import threading

import pytest

from engine.loops.cancel import RepeatableReport, no_check, unless_cancelled


class Cancelled(BaseException):
    """What a check raises."""


def cancelled():
    raise Cancelled


def test_a_cancel_does_not_wait_for_work_that_has_no_checks():
    may_end, ended = threading.Event(), threading.Event()

    def work():
        may_end.wait(60)
        ended.set()

    with pytest.raises(Cancelled):
        unless_cancelled(work, cancelled)
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(60)  # it was left to end by itself


@pytest.mark.parametrize("check", [no_check, lambda: None])
def test_work_that_is_not_cancelled_returns_its_result_or_raises_its_error(check):
    assert unless_cancelled(lambda: 7, check) == 7
    with pytest.raises(TimeoutError):  # also one that waiting raises, too
        unless_cancelled(lambda: (_ for _ in ()).throw(TimeoutError), check)


def test_a_report_is_repeated_with_its_latest_progress():
    told = []
    report = RepeatableReport(lambda *progress: told.append(progress), "reading", 0.2)
    report.check()
    report(0.4, "cutting")
    report.check()
    assert told == [(0.2, "reading"), (0.4, "cutting"), (0.4, "cutting")]
