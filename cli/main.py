"""Starts the program `loopwright`: handles Ctrl-C first, then imports the rest."""

import importlib
import os
import signal
import sys
from types import FrameType

_EXIT_CANCELLED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code; `arguments` default to `sys.argv`."""
    _exit_at_once_on_interrupt()
    _open_missing_streams()
    # Imported only now: Ctrl-C during these imports must not print a traceback.
    program = importlib.import_module("cli.program")
    code: int = program.run(sys.argv[1:] if arguments is None else arguments, log=True)
    # All is done and printed: Ctrl-C while the interpreter exits must not change the exit code.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _exit_at_once_on_interrupt() -> None:
    """Make Ctrl-C end the program without a traceback, until a command installs its own handler.

    `EngineSession` installs one that cancels the job.
    """
    # A shell starts background jobs with SIGINT ignored: keep it ignored.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _exit)


def _exit(_number: int, _frame: FrameType | None) -> None:
    os._exit(_EXIT_CANCELLED)


def _open_missing_streams() -> None:
    """Open descriptors 0-2 if the caller closed them, so that no file of ours gets one."""
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
