"""Prints for the commands: results on stdout, everything else on stderr.

A stdout that closes early (`loopwright render ... | head -1`) is not an error: the rest of the
output is dropped.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterable
from typing import Any


def print_status(text: str) -> None:
    """Print a line on stderr: progress, advice or an error."""
    with contextlib.suppress(OSError):  # a closed stderr: the exit code is enough
        print(text, file=sys.stderr, flush=True)


def print_result(line: str) -> None:
    """Print a line on stdout; file names keep the exact bytes that they have on disk."""
    write_stdout(os.fsencode(line) + b"\n")


def print_json(value: Any) -> None:
    """Print a value as one line of JSON on stdout."""
    write_stdout(json.dumps(value, ensure_ascii=True, allow_nan=False).encode() + b"\n")


def write_stdout(data: bytes) -> None:
    """Write to stdout and flush."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_stdout()


def discard_stdout() -> None:
    """Redirect stdout to the null device, so that the interpreter's last flush cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_table(rows: Iterable[tuple[str, str]], indent: int = 0) -> None:
    """Print names and values in two columns on stdout."""
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        print_result(f"{' ' * indent}{name:<{width}}  {value}".rstrip())


class ProgressBar:
    """A progress bar on stderr, if that is a terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, fraction: float, stage: str) -> None:
        """Show how far the work is, 0..1, and what is being done."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            # Imported here, while the engine works: it takes 30 ms.
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # its monitor thread would outlive the bar
            self._bar = tqdm(
                total=1.0,
                desc=stage,
                leave=False,
                bar_format="{desc} |{bar}| {percentage:3.0f} %",
            )
        if stage != self._bar.desc:
            self._bar.set_description_str(stage)
        self._bar.update(fraction - self._bar.n)

    def close(self) -> None:
        """Remove the bar from the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
