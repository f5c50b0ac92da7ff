"""`loopwright bench`: run the benchmarks, which only a source checkout has."""

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from cli.output import write_stdout
from cli.parser import Parser
from cli.usage import EXIT_CANCELLED, UsageError
from engine.entry_points import module_command

_BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Run benchmarks in a child process and return the exit code."""
    parser = Parser("bench", "Run the benchmarks, each against its peer in the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the benchmarks")
    parser.add_argument(
        "--table",
        action="store_true",
        help="one Markdown table of all, with the machine; what fails costs its row alone",
    )
    parser.add_argument(
        "--skip", metavar="NAME", action="append", default=[], help="leave a benchmark out"
    )
    parser.add_argument(
        "--only", metavar="WORDS", help="only what has these words in its title, as in the table"
    )
    parser.add_argument("--rounds", metavar="N", help="runs of each side (default: 5)")
    parser.add_argument(
        "--beside",
        action="store_true",
        help="beside a program that keeps one core busy, as a DAW does",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments)
    if getattr(sys, "frozen", False) or not _BENCHMARKS.is_dir():
        raise UsageError(
            "An installed Loopwright has no benchmarks: run them in a source checkout."
        )
    flags = [f"--{name}" for name in ("list", "table", "beside", "json") if getattr(options, name)]
    if options.rounds is not None:
        flags.append(f"--rounds={options.rounds}")
    if options.only is not None:
        flags.append(f"--only={options.only}")
    flags += [f"--skip={name}" for name in options.skip]
    command = module_command("benchmarks", *flags, "--", *options.names)
    return _Relay(command).run()


class _Relay:
    """Passes on the output of a child process; Ctrl-C terminates the child at any moment."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._interrupted = False

    def run(self) -> int:
        """Run the child process to its end and return the exit code."""
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._on_interrupt)
        with subprocess.Popen(self._command, stdout=subprocess.PIPE) as self._child:  # noqa: S603
            if self._interrupted:  # before there was a child to terminate
                self._child.terminate()
            for line in self._child.stdout or ():
                write_stdout(line)
        return EXIT_CANCELLED if self._interrupted else self._child.returncode

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True
        if self._child is not None:
            self._child.terminate()
