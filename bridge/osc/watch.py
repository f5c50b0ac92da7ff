"""What a window sees of its bridge, beside what the engine tells it."""

from collections.abc import Callable
from typing import NamedTuple

from bridge.osc.traffic import TrafficLog
from engine.loops.request import LoopRequest

OnJob = Callable[[str, LoopRequest, str], None]
"""Told of a job: its id in the engine, what was asked, and the name of who asked, if known."""


class Watch(NamedTuple):
    """Both are used on the bridge's thread, and never wait.

    Attributes:
        on_job: told of each job that somebody asked for.
        traffic: notes what comes in and goes out.
    """

    on_job: OnJob
    traffic: TrafficLog
