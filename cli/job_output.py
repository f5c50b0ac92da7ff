"""Prints what happens to a job: for people, or as JSON."""

from cli.output import ProgressBar, print_result, print_status, write_stdout
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


class JsonOutput:
    """Prints the events of one job as they arrive, one JSON object per line."""

    def show(self, event: protocol.Event) -> None:
        """Print one event."""
        if isinstance(event, _JOB_EVENTS):
            write_stdout(protocol.encode(event))

    def close(self) -> None:
        """Do nothing: JSON lines need no end."""


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
