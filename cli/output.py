"""What the commands print: results on stdout, everything else on stderr.

Knows how to print, and nothing of how loops are made. A stdout that was closed early
(`loopwright render ... | head -1`) is no error: the rest is printed into nothing.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from cli.usage import EXIT_DONE, EXIT_FAILED, EXIT_USAGE
from engine import protocol
from engine.loops.tempo import LoopGrid, format_bpm

_JOB_EVENTS = (
    protocol.Understood,
    protocol.Progress,
    protocol.TakeReady,
    protocol.Done,
    protocol.Failed,
    protocol.Cancelled,
)


def say(text: str) -> None:
    """Print a line on stderr, as far as there is one."""
    with contextlib.suppress(OSError):  # Where nobody reads it, the exit code still tells.
        print(text, file=sys.stderr, flush=True)


def put(line: str) -> None:
    """Print a line on stdout; file names keep the very bytes that they have on disk."""
    put_bytes(os.fsencode(line) + b"\n")


def put_json(value: Any) -> None:
    """Print a value as one line of JSON on stdout."""
    put_bytes(json.dumps(value, ensure_ascii=True, allow_nan=False).encode() + b"\n")


def put_bytes(data: bytes) -> None:
    """Write to stdout, at once."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_stdout()


def discard_stdout() -> None:
    """Point stdout at nothing, so that neither we nor the interpreter's last flush fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def put_table(rows: Iterable[tuple[str, str]], indent: int = 0) -> None:
    """Print names and values in two columns on stdout."""
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        put(f"{' ' * indent}{name:<{width}}  {value}".rstrip())


def described_grid(grid: LoopGrid) -> list[str]:
    """Return tempo, meter and length in words: `84 bpm`, `4/4`, `4 bars`."""
    length = f"{grid.bars} bar{'s' * (grid.bars != 1)}" if grid.is_loop else f"{grid.seconds:g} s"
    return [f"{format_bpm(grid.bpm)} bpm", str(grid.meter), length]


class JsonLines:
    """Prints the events of one job as they come, one JSON object per line."""

    def show(self, event: protocol.Event) -> None:
        """Print one event."""
        if isinstance(event, _JOB_EVENTS):
            put_bytes(protocol.encode(event))

    def close(self) -> None:
        """Finish printing: there is nothing left to do."""


class Screen:
    """Prints one job for a person: paths on stdout, the rest on stderr."""

    def __init__(self) -> None:
        """Print nothing yet."""
        self._bar: Any = None

    def show(self, event: protocol.Event) -> None:
        """Print what the event tells, if anything."""
        match event:
            case protocol.Understood():
                self._show_understood(event)
            case protocol.Progress():
                self._show_progress(event)
            case protocol.TakeReady():
                self.close()
                self._show_take(event)

    def close(self) -> None:
        """Take the progress bar off the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _show_understood(self, event: protocol.Understood) -> None:
        words = list(event.understood)
        told = {word.lower() for word in words}
        key = [event.key] if event.key else []
        facts = [*key, *described_grid(event.grid)]
        say("understood: " + " · ".join([*words, *(f for f in facts if f.lower() not in told)]))
        if event.ignored:
            say("ignored: " + ", ".join(f'"{word}"' for word in event.ignored))

    def _show_take(self, event: protocol.TakeReady) -> None:
        put(event.clip.path)
        if event.clip.recipe.badges:
            say(f"take {event.rank} ({event.clip.id}): {', '.join(event.clip.recipe.badges)}")

    def _show_progress(self, event: protocol.Progress) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            # Imported while the engine is at work: 30 ms that the start does not wait for.
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # its watching thread would outlive the bar
            self._bar = tqdm(
                total=1.0,
                desc=event.stage,
                leave=False,
                bar_format="{desc} |{bar}| {percentage:3.0f} %",
            )
        if event.stage != self._bar.desc:
            self._bar.set_description_str(event.stage)
        self._bar.update(event.fraction - self._bar.n)


def exit_code_of(ending: protocol.Terminal) -> int:
    """Return the exit code for the end of a job that was not interrupted."""
    match ending:
        case protocol.Done():
            return EXIT_DONE
        case protocol.Failed(code=400 | 404):
            return EXIT_USAGE
        case _:
            return EXIT_FAILED


def say_failure(failed: protocol.Failed, *, debug: bool) -> None:
    """Say why a job failed; with `debug` also what the engine knows of it."""
    if debug and failed.detail:
        say(failed.detail.rstrip())
    say(failed.message)
