"""How an engine process ended, as a value that front ends can show."""

import signal

import msgspec


class EngineExit(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine process ended; as text, one sentence.

    Attributes:
        started: whether the process was started at all.
        status: its exit status, negative for a signal; None if it is not known.
        requested: whether the front end asked it to exit.
        fault: why it did not start, or why the front end stopped it, as the end of a sentence.
        stderr: the last lines that it wrote to stderr.
        garbage_lines: how many lines on the pipe were not messages.
    """

    started: bool = True
    status: int | None = None
    requested: bool = False
    fault: str = ""
    stderr: tuple[str, ...] = ()
    garbage_lines: int = 0

    def was_successful(self) -> bool:
        """Return whether it exited cleanly because it was asked to."""
        return self.requested and self.status == 0 and not self.fault

    @property
    def detail(self) -> str:
        """The last lines of stderr, which may help to find the reason."""
        lines = list(self.stderr)
        if self.garbage_lines:
            lines.append(f"({self.garbage_lines} lines on the pipe were not messages)")
        return "\n".join(lines)

    def __str__(self) -> str:
        if not self.started:
            return f"The engine did not start: {self.fault}."
        if self.fault:
            return f"The engine was stopped because it {self.fault}."
        return _sentence(self.status, requested=self.requested)


def _sentence(status: int | None, *, requested: bool) -> str:
    if status is None:
        return "The engine could not be stopped."
    if status == 0 and requested:
        return "The engine exited."
    if status == -9:
        return "The engine was killed by the system, perhaps because memory ran out."
    if status < 0:
        return f"The engine crashed with {_signal_name(-status)}."
    return f"The engine exited unexpectedly with status {status}."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
