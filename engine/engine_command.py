"""How the processes of the engine are started: the one place that decides it."""

import sys


def engine_command() -> list[str]:
    """Return the command line of the engine process.

    A frozen build starts its own executable again. Otherwise `-P` keeps the working folder off
    the import path: a musician's folder may hold an `engine/` of its own.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine"]
    return [sys.executable, "-P", "-m", "engine"]


def download_command() -> list[str]:
    """Return the command line of the process of one download."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--download"]
    return [sys.executable, "-P", "-m", "engine.models.fetch"]
