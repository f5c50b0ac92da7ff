"""`loopwright render`: from a prompt to clips in the project folder."""

from pathlib import Path

from cli.engine_session import Session
from cli.output import JsonLines, Screen, exit_code_of, say, say_failure
from cli.parser import (
    Parser,
    add_output_options,
    add_request_options,
    add_source_options,
    project_folder,
    request_with,
    source_paths,
)
from cli.usage import EXIT_CANCELLED, EXIT_FAILED
from engine import protocol
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest
from engine.loops.tempo import RATES

_DESCRIPTION = """\
Turns a prompt into a loop. What a flag says wins over what the prompt says.
Prints the path of each take, best take first."""


def run(arguments: list[str], *, debug: bool) -> int:
    """Render a prompt and return the exit code."""
    parser = Parser("render", _DESCRIPTION)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to play, in quotes")
    add_request_options(parser)
    add_source_options(parser)
    add_output_options(parser)
    options = parser.read(arguments)
    sources = source_paths(options)
    request = request_with(_like(sources[0]), options)
    return render(request, options.project, sources, json=options.json, debug=debug)


def _like(source: Path | None) -> LoopRequest:
    """Return a request in the rate of a source, and in its depth where that is more than usual."""
    usual = LoopRequest()
    if source is None:
        return usual
    from engine.loops.audio_file import format_of

    try:
        rate, is_float = format_of(source)
    except LoopError:  # The engine will say so.
        return usual
    return LoopRequest(
        rate=rate if rate in RATES else usual.rate, bits="32f" if is_float else usual.bits
    )


def render(
    request: LoopRequest,
    project: str | None,
    sources: tuple[Path | None, Path | None] = (None, None),
    *,
    json: bool,
    debug: bool,
) -> int:
    """Render a checked request, print what becomes of it, and return the exit code.

    Args:
        request: what to play, checked.
        project: the folder as the user wrote it; None for the default.
        sources: the files of the request's sources.
        json: print events as JSON instead of paths.
        debug: with a failure, also say what the engine knows of it.
    """
    screen = JsonLines() if json else Screen()
    with Session() as session:
        # While the engine starts: finding the default folder takes some imports.
        folder: Path = project_folder(project)
        outcome = session.render(request, folder, screen.show, sources)
        screen.close()
    ending = outcome.ending
    if isinstance(ending, protocol.Done):
        return exit_code_of(ending)
    if outcome.interrupt is not None:
        say("Cancelled.")
        return outcome.interrupt.exit_code
    if isinstance(ending, protocol.Failed):
        say_failure(ending, debug=debug)
        return exit_code_of(ending)
    say("Cancelled.")
    return EXIT_CANCELLED if ending is not None else EXIT_FAILED
