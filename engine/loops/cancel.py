"""The check that lets a job be cancelled between two steps, wherever these are.

Work that may take longer than a moment receives a check and calls it before each step. In a job
that was cancelled it raises, so that the rest of the work is not begun; no thread is interrupted.
"""

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

Check = Callable[[], None]
"""Called between two steps; it may raise to end the work."""
CHECK_EVERY_S = 0.02
_Result = TypeVar("_Result")


def no_check() -> None:
    """Let the work go on."""


class RepeatableReport:
    """A report that can also be used as a check: then it reports the latest progress again."""

    def __init__(
        self, report: Callable[[float, str], None], stage: str, fraction: float = 0.0
    ) -> None:
        """Pass everything on to `report`; this stage is what a first check reports."""
        self._report = report
        self._latest = fraction, stage

    def __call__(self, fraction: float, stage: str) -> None:
        """Report progress."""
        self._latest = fraction, stage
        self._report(fraction, stage)

    def check(self) -> None:
        """Report the latest progress again."""
        self._report(*self._latest)


def unless_cancelled(work: Callable[[], _Result], check: Check) -> _Result:
    """Return the result of work, or raise what `check` raises while it is being done.

    The work is done on a thread of its own, which nobody waits for once `check` has raised. It ends
    at its own next check, and its result is discarded: so it must change nothing that others use.
    """
    if check is no_check:
        return work()
    made: concurrent.futures.Future[_Result] = concurrent.futures.Future()

    def run() -> None:
        try:
            made.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the work was asked for
            made.set_exception(error)

    threading.Thread(target=run, name="work", daemon=True).start()
    while not concurrent.futures.wait([made], CHECK_EVERY_S).done:
        check()
    return made.result()
