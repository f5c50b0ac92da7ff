"""How an engine process ended, as a value that can be shown."""

import signal

import msgspec


class EngineExit(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine process ended; as text, one sentence.

    Attributes:
        started: whether there ever was a process.
        status: its exit status, negative for a signal; None where it is not known.
        asked: the front end asked it to end.
        fault: why it did not start, or why the front end ended it, as the end of a sentence.
        stderr: the last lines that it wrote to stderr.
        garbage_lines: how many lines on the pipe were no messages.
    """

    started: bool = True
    status: int | None = None
    asked: bool = False
    fault: str = ""
    stderr: tuple[str, ...] = ()
    garbage_lines: int = 0

    def was_successful(self) -> bool:
        """Return whether it ended in order, because it was asked to."""
        return self.asked and self.status == 0 and not self.fault

    @property
    def detail(self) -> str:
        """What may help to find the reason: the last lines of stderr."""
        lines = list(self.stderr)
        if self.garbage_lines:
            lines.append(f"({self.garbage_lines} lines on the pipe were no messages)")
        return "\n".join(lines)

    def __str__(self) -> str:
        if not self.started:
            return f"The engine did not start: {self.fault}."
        if self.fault:
            return f"The engine was ended because it {self.fault}."
        return _sentence(self.status, asked=self.asked)


def _sentence(status: int | None, *, asked: bool) -> str:
    if status is None:
        return "The engine could not be ended."
    if status == 0 and asked:
        return "The engine ended."
    if status == -9:
        return "The engine was killed from outside, perhaps because memory ran out."
    if status < 0:
        return f"The engine crashed with {_signal_name(-status)}."
    return f"The engine ended by itself with status {status}."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
