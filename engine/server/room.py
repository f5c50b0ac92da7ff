"""Checks that the takes of a job fit on the disk, before the first one is made."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from engine.generators.interface import Plan
from engine.loops.errors import ProjectError
from engine.loops.request import LoopRequest
from engine.server.spool import SAMPLE_BYTES, spooled_bytes

_SAMPLE_BYTES = {"16": 2, "24": 3, "32f": 4}
_TAG_BYTES = 2**17
"""For the tags and the recipe of a take."""


def require_room(
    folder: Path, requests: Sequence[LoopRequest], plans: Sequence[Plan], channels: int
) -> None:
    """Check that the clips of a job fit on the disk of its project folder.

    Args:
        folder: the project folder.
        requests: one for each prompt.
        plans: what the model makes of each.
        channels: of a take.

    Raises:
        ProjectError: they do not fit.
    """
    needed = spooled_bytes(audio_bytes(requests, plans, channels)) + sum(
        request.takes * (plan.grid.frames * channels * _SAMPLE_BYTES[request.bits] + _TAG_BYTES)
        for request, plan in zip(requests, plans, strict=True)
    )
    free = free_room(folder)
    if free is not None and free < needed:
        raise ProjectError(
            folder,
            f"has {free / 1e6:,.1f} MB of free space, but the takes need {needed / 1e6:,.1f} MB",
            "free some space, ask for fewer takes or bars, or choose another place",
        )


def audio_bytes(requests: Sequence[LoopRequest], plans: Sequence[Plan], channels: int) -> int:
    """Return how much memory the audio of all takes of a job would need."""
    return sum(
        request.takes * plan.grid.frames * channels * SAMPLE_BYTES
        for request, plan in zip(requests, plans, strict=True)
    )


def free_room(folder: Path) -> int | None:
    """Return the free bytes of a folder's disk; None if they are unknown."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free if usage.total else None  # Some network shares report 0.
