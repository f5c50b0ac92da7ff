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

from cli.usage import EXIT_DONE, EXIT_FAILED, EXIT_USAGE
from engine import protocol

_JOB_EVENTS = (
    protocol.Understood,
    protocol.Progress,
    protocol.TakeReady,
    protocol.MidiWritten,
    protocol.Done,
    protocol.Failed,
    protocol.Cancelled,
)


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


class JsonOutput:
    """Prints the events of one job as they arrive, one JSON object per line."""

    def show(self, event: protocol.Event) -> None:
        """Print one event."""
        if isinstance(event, _JOB_EVENTS):
            write_stdout(protocol.encode(event))

    def close(self) -> None:
        """Do nothing: JSON lines need no end."""


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


class TerminalOutput:
    """Prints one job for people: paths on stdout, the rest on stderr."""

    def __init__(self) -> None:
        self._bar = ProgressBar()

    def show(self, event: protocol.Event) -> None:
        """Print an event, if it is one that people see."""
        match event:
            case protocol.Understood():
                self._show_understood(event)
            case protocol.Progress():
                self._bar.show(event.fraction, event.stage)
            case protocol.TakeReady():
                self.close()
                self._show_take(event)
            case protocol.MidiWritten():
                self.close()
                print_result(event.path)

    def close(self) -> None:
        """Remove the progress bar from the terminal."""
        self._bar.close()

    def _show_understood(self, event: protocol.Understood) -> None:
        print_status("understood: " + " · ".join(event.understood))
        if event.ignored:
            print_status("ignored: " + ", ".join(f'"{word}"' for word in event.ignored))

    def _show_take(self, event: protocol.TakeReady) -> None:
        print_result(event.clip.path)
        if event.clip.recipe.badges:
            print_status(
                f"take {event.rank} ({event.clip.id}): {', '.join(event.clip.recipe.badges)}"
            )


def exit_code_of(ending: protocol.Terminal) -> int:
    """Return the exit code for the end of a job that was not interrupted."""
    match ending:
        case protocol.Done():
            return EXIT_DONE
        case protocol.Failed(code=400 | 404):
            return EXIT_USAGE
        case _:
            return EXIT_FAILED


def print_failure(failed: protocol.Failed, *, debug: bool) -> None:
    """Print why a job failed; with `debug` also the engine's traceback."""
    if debug and failed.detail:
        print_status(failed.detail.rstrip())
    print_status(failed.message)
