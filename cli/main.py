"""Where the program `loopwright` starts: it survives Ctrl-C first, and imports the rest then."""

import importlib
import os
import signal
import sys
from types import FrameType

_EXIT_CANCELLED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code; `arguments` default to the program's own."""
    _leave_at_once_on_interrupt()
    _open_missing_streams()
    # Only now: a Ctrl-C while these are imported must not end in a traceback.
    program = importlib.import_module("cli.program")
    code: int = program.run(sys.argv[1:] if arguments is None else arguments, log=True)
    # All is done and printed: while the interpreter ends, a Ctrl-C shall not say otherwise.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _leave_at_once_on_interrupt() -> None:
    """Make Ctrl-C end the program without a traceback, as long as nothing has been begun.

    A session with an engine puts a handler of its own in place, which cancels the job.
    """
    # A shell starts background jobs with SIGINT ignored: leave that as it is.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(_EXIT_CANCELLED)


def _open_missing_streams() -> None:
    """Open descriptors 0-2 where the caller closed them, so that no file of ours becomes one."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gives the lowest free descriptor, which is this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - stays open
            setattr(sys, name, stream)


if __name__ == "__main__":
    sys.exit(main())
