"""Child processes of the benchmarks: running, timing and stopping them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.runner import CannotMeasure
from engine.server.priority import ENGINE_SETTINGS

LIMIT_S = 300
MODEL_LIMIT_S = 1800


def run_s(command: Sequence[str], cwd: Path | None = None) -> float:
    """Run a command and return how many seconds it took.

    Raises:
        CannotMeasure: the command failed, or did not exit within five minutes.
    """
    begun = time.perf_counter()
    _run(command, cwd)
    return time.perf_counter() - begun


def printed_figures(
    command: Sequence[str], *, as_engine: bool = False, limit_s: int = LIMIT_S
) -> dict[str, Any]:
    """Run a command and return the JSON object that it prints last.

    `as_engine` gives it the environment in which the engine computes.

    Raises:
        CannotMeasure: it failed, did not exit within the limit, or printed something else.
    """
    lines = _run(command, None, ENGINE_SETTINGS if as_engine else {}, limit_s).splitlines()
    try:
        figures: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise CannotMeasure(f"{command[0]} printed no figures: {lines[-1:]}.") from error
    return figures


def _run(
    command: Sequence[str],
    cwd: Path | None,
    variables: Mapping[str, str] | None = None,
    limit_s: int = LIMIT_S,
) -> str:
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=limit_s, check=False,
            stdin=subprocess.DEVNULL, env=os.environ | dict(variables or {}),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise CannotMeasure(f"{command[0]} did not exit within {limit_s} s.") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["nothing on stderr"]
        raise CannotMeasure(f"{command[0]} exited with code {done.returncode}: {last[0]}")
    return done.stdout


@contextlib.contextmanager
def waiting_child(command: Sequence[str], cwd: Path | None = None) -> Iterator["WaitingChild"]:
    """Start a child that prints lines and exits when its stdin closes."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield WaitingChild(process, begun)
        finally:
            process.kill()


class WaitingChild:
    """A running child process."""

    def __init__(self, process: "subprocess.Popen[bytes]", begun: float) -> None:
        """Watch a process that was started at `begun` of `time.perf_counter`."""
        self._process = process
        self._begun = begun

    def line_after_s(self) -> float:
        """Wait for the next line and return the seconds since the start.

        Raises:
            CannotMeasure: the process exited instead.
        """
        if self._process.stdout is None or not self._process.stdout.readline():
            raise CannotMeasure(f"{self._process.args!r} exited too early.")
        return time.perf_counter() - self._begun

    def memory_mb(self) -> float:
        """Return the resident memory in megabytes (10^6 bytes)."""
        return float(psutil.Process(self._process.pid).memory_info().rss / 1e6)


def python(*arguments: str) -> list[str]:
    """Return the command line of this Python."""
    return [sys.executable, *arguments]
