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
from cli.usage import EXIT_CANCELLED, EXIT_FAILED, UsageError
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
    base = LoopRequest() if sources[0] is None else _base(sources[0], options.mode, options.model)
    request = request_with(base, options)
    return render(request, options.project, sources, json=options.json, debug=debug)


def _base(source: Path, mode: str | None, model: str | None) -> LoopRequest:
    """Return what a source gives a request, before the flags: format, and model with settings.

    Raises:
        UsageError: no model was named, and the source's own cannot do it.
    """
    from engine.loops.audio_file import look_at_audio
    from engine.loops.derive import (
        SKETCH_ID,
        CannotDerive,
        Models,
        derived_request,
        settings_for,
    )

    try:
        facts = look_at_audio(source)
    except LoopError:  # the engine says so, too
        return LoopRequest()
    recipe = None if facts is None else facts.recipe
    if recipe is None:
        return _in_format_of(source)
    if model is not None or mode is None:
        return settings_for(model or SKETCH_ID, recipe)
    from engine.models.catalogue import built_in_catalogue
    from engine.models.store import ModelStore

    models = Models(chosen=SKETCH_ID, modes=ModelStore(built_in_catalogue()).modes())
    try:
        return derived_request(mode, source.name, recipe, models)
    except CannotDerive as error:
        raise UsageError(str(error)) from error


def _in_format_of(source: Path) -> LoopRequest:
    """Return a request in the rate of a file, and in its depth where that is more than usual."""
    from engine.loops.audio_file import format_of

    usual = LoopRequest()
    rate, is_float = format_of(source)
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
