"""Waiting for what another thread or process does."""

import threading
import time
from collections.abc import Callable


def until(condition: Callable[[], object], limit_s: float = 20) -> None:
    """Return as soon as a condition holds; fail if it does not within a limit."""
    end, waiter = time.monotonic() + limit_s, threading.Event()
    while not condition():
        assert time.monotonic() < end, f"the condition did not hold within {limit_s} s"
        waiter.wait(0.01)
