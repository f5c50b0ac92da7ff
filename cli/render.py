"""`loopwright render`: turn a prompt into clips in the project folder."""

from pathlib import Path

from cli.engine_session import EngineSession, Outcome
from cli.handover import Handover
from cli.job_output import JsonOutput, TerminalOutput, exit_code_of, print_failure
from cli.output import print_status
from cli.parser import (
    NO_SOURCES,
    Parser,
    SourcePaths,
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
Turn a prompt into a loop and print the path of each take, the best one first.
Flags override what the prompt says."""
_NOTHING_MORE = Handover()


def run(arguments: list[str], *, debug: bool) -> int:
    """Render a prompt and return the exit code."""
    parser = Parser("render", _DESCRIPTION)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to play, in quotes")
    add_request_options(parser)
    add_source_options(parser)
    Handover.add_options(parser)
    add_output_options(parser)
    parser.add_argument(
        "--demo", action="store_true", help="play twenty loops of all kinds, with a page to listen"
    )
    options = parser.read(arguments)
    if options.demo:
        from cli.demo import run_demo

        return run_demo(options, debug=debug)
    sources = source_paths(options)
    source = sources.source
    base = LoopRequest() if source is None else _base(source, options.mode, options.model)
    request = request_with(base, options, sources)
    handover = Handover.of(options)
    return render(request, options.project, sources, handover, json=options.json, debug=debug)


def _base(source: Path, mode: str | None, model: str | None) -> LoopRequest:
    """Return a request with what a source determines: its format, and its model with settings.

    Raises:
        UsageError: no model was given, and the model of the source cannot do it.
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
    except LoopError:  # the engine reports it
        return LoopRequest()
    recipe = facts.recipe
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
    """Return a request with the rate of a file, and with its bit depth if it is float."""
    from engine.loops.audio_file import format_of

    default = LoopRequest()
    rate, is_float = format_of(source)
    return LoopRequest(
        rate=rate if rate in RATES else default.rate, bits="32f" if is_float else default.bits
    )


def render(
    request: LoopRequest,
    project: str | None,
    sources: SourcePaths = NO_SOURCES,
    handover: Handover = _NOTHING_MORE,
    *,
    json: bool,
    debug: bool,
) -> int:
    """Render a checked request, print its events, and return the exit code.

    Args:
        request: the checked request.
        project: the project folder as the user wrote it; None for the default.
        sources: the files of the request's sources.
        handover: what to write beside each clip.
        json: print events as JSON instead of paths.
        debug: if the job fails, also print the engine's traceback.

    Raises:
        UsageError: the clips will not have what is to be written beside them.
    """
    handover.check(request)
    output = JsonOutput() if json else TerminalOutput()
    with EngineSession() as session:
        # While the engine starts, because the default folder takes some imports.
        folder: Path = project_folder(project)
        clips, outcome = session.render_clips(request, folder, output.show, sources)
        if any(handover) and isinstance(outcome.ending, protocol.Done):
            outcome = handover.write(session, clips, folder, output.show, sources.kit)
        output.close()
    return exit_code_after(outcome, debug=debug)


def exit_code_after(outcome: Outcome, *, debug: bool) -> int:
    """Print why a job was not done, if it was not, and return the exit code."""
    ending = outcome.ending
    if isinstance(ending, protocol.Done):
        return exit_code_of(ending)
    if outcome.interrupt is not None:
        print_status("Cancelled.")
        return outcome.interrupt.exit_code
    if isinstance(ending, protocol.Failed):
        print_failure(ending, debug=debug)
        return exit_code_of(ending)
    print_status("Cancelled.")
    return EXIT_CANCELLED if ending is not None else EXIT_FAILED
