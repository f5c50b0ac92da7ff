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
