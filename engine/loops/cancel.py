"""The check that lets a job be cancelled between two steps, wherever these are.

Work that may take longer than a moment receives a check and calls it before each step. In a job
that was cancelled it raises, so that the rest of the work is not begun; no thread is interrupted.
"""

from collections.abc import Callable

Check = Callable[[], None]
"""Called between two steps; it may raise to end the work."""


def no_check() -> None:
    """Let the work go on."""


def check_at(report: Callable[[float, str], None], fraction: float, stage: str) -> Check:
    """Report progress, and return a check that reports the same again: a report may raise, too."""
    report(fraction, stage)
    return lambda: report(fraction, stage)


class RepeatableReport:
    """A report that can also be used as a check: then it reports the latest progress again."""

    def __init__(self, report: Callable[[float, str], None], stage: str) -> None:
        """Pass everything on to `report`; `stage` is reported until there is another."""
        self._report = report
        self._latest = 0.0, stage

    def __call__(self, fraction: float, stage: str) -> None:
        """Report progress."""
        self._latest = fraction, stage
        self._report(fraction, stage)

    def check(self) -> None:
        """Report the latest progress again."""
        self._report(*self._latest)
