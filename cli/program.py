"""Runs the command, and turns errors into sentences and exit codes.

Exit codes: 0 done, 1 failed, 2 usage error, 130 cancelled with Ctrl-C. Each command imports only
what it needs, so that the program starts quickly.
"""

import importlib
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from cli.output import discard_stdout, print_result, print_status
from cli.usage import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, UsageError, hint, quoted
from engine.entry_points import ENGINE_VARIABLE, engine_elsewhere
from engine.errors import EngineError
from engine.loops.errors import LoopError
from engine.version import VERSION

COMMANDS = {
    "window": "open the window (default)",
    "render": "turn a prompt into a loop in the project folder",
    "inspect": "show the tags, recipe and analysis of audio files",
    "again": "render a clip again from its recipe",
    "export": "hand clips over to another program, with stems and MIDI",
    "pack": "make all loops of a list, as a sample pack",
    "models": "list, download, check and remove models",
    "bridge": "run the OSC bridge for DAWs and scripts, without a window",
    "send": "send one OSC message to a running bridge",
    "daw": "install into Live or REAPER, and check the connection",
    "doctor": "check what works on this machine, and how to fix the rest",
    "serve": "make loops for a Loopwright on another machine, over ssh",
    "studio": "make several machines one studio for many musicians",
    "bench": "run the benchmarks, each against its peer",
}
"""Each command is a module of this package with `run(arguments, *, debug) -> exit code`."""
_MAKING = ("render", "again")
"""The commands that make a loop whenever they are used correctly."""

_HELP = "\n".join(
    [
        "usage: loopwright [COMMAND ...]",
        "",
        "Turn a text prompt into a loop of exactly N bars, as a tagged WAV file.",
        "Without a command, Loopwright opens its window.",
        "",
        "commands:",
        *(f"  {name:<10} {summary}" for name, summary in COMMANDS.items()),
        "",
        "options:",
        "  -h, --help  show this help",
        "  --version   show the version",
        "  --debug     with any command: also print the traceback of an error",
        "  --engine E  with any command: where loops are made: 'local', 'ssh://BOX', 'ray://HEAD'",
        "",
        "Run 'loopwright COMMAND --help' for the options of a command.",
    ]
)


def run(arguments: Sequence[str], *, log: bool = False) -> int:
    """Run the command line and return the exit code; errors become sentences.

    With `log`, the process writes a log, and may start an engine early; only for a process that
    does nothing else.
    """
    given = list(arguments)
    debug = _take_debug_flag(given)
    try:
        _take_engine_option(given)
    except UsageError as error:
        return _report(error, debug=debug)
    command = "window" if not given or _is_for_window(given[0]) else given[0]
    if log and command in COMMANDS:  # `--version` and `--help` write no log
        kind = command if command in ("window", "bridge") else "cli"
        importlib.import_module("engine.log").start_log(kind, debug=debug)
        if command in _MAKING and not {"-h", "--help"} & set(given):
            importlib.import_module("engine.spawn").spawn_early()
    try:
        code = _run_command(given, debug=debug)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone (`| head -1`), which is not a failure.
        discard_stdout()
        return EXIT_DONE
    except SystemExit as leaving:  # argparse exits this way after --help
        return leaving.code if isinstance(leaving.code, int) else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - the one place where errors become sentences
        return _report(error, debug=debug)
    return code


def _run_command(arguments: list[str], *, debug: bool) -> int:
    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return _run_logged(first, arguments[1:], debug=debug)
    if first in ("-h", "--help"):
        print_result(_HELP)
    elif first == "--version":
        print_result(f"loopwright {VERSION}")
    elif not arguments:
        return _open_window(debug=debug)
    elif _is_for_window(first):
        return _run_logged("window", arguments, debug=debug)
    elif first.startswith("-"):
        known = hint(first, ("--help", "--version", "--debug"))
        raise UsageError(f"{quoted(first)} is not an option of loopwright: {known}")
    else:
        raise UsageError(f"{quoted(first)} is not a command: {hint(first, COMMANDS)}")
    return EXIT_DONE


def _is_for_window(argument: str) -> bool:
    """Return whether an argument in the place of a command is an option of `window`."""
    return argument.partition("=")[0] in ("--project", "--picture")


def _open_window(*, debug: bool) -> int:
    """Open the window; if that is impossible, print the help."""
    try:
        return _run_logged("window", [], debug=debug)
    except UsageError:
        print_status(_HELP)
        raise


def _run_logged(command: str, arguments: list[str], *, debug: bool) -> int:
    """Run a command; its arguments may contain a prompt, so they are logged at DEBUG only."""
    began_at = time.monotonic()
    logger = _logger()
    logger.info("command %s starts", command)
    logger.debug("%s has the arguments %r", command, arguments)
    module = importlib.import_module(f"cli.{command}")
    code: int = module.run(arguments, debug=debug)
    logger.info("command %s: exit code %d after %.2f s", command, code, time.monotonic() - began_at)
    return code


def _logger() -> Any:
    return importlib.import_module("logging").getLogger(__name__)


def _take_debug_flag(arguments: list[str]) -> bool:
    """Remove `--debug` and return whether it was given; after `--` it is part of a prompt."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if "--debug" not in arguments[:end]:
        return False
    arguments.remove("--debug")
    return True


def _take_engine_option(arguments: list[str]) -> None:
    """Remove `--engine PLACE`, and pass it on in the environment to the processes of the engine.

    Raises:
        UsageError: the place, from there or from the environment, is not one.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for number, argument in enumerate(arguments[:end]):
        flag, is_joined, value = argument.partition("=")
        if flag != "--engine":
            continue
        given = arguments[number : number + (1 if is_joined else 2)]
        if not is_joined:
            value = given[1] if len(given) == 2 else ""
        if not value:
            raise UsageError("--engine needs a value: 'local', 'ssh://BOX' or 'ray://HEAD'.")
        os.environ[ENGINE_VARIABLE] = value
        del arguments[number : number + len(given)]
        break
    if place := engine_elsewhere():
        from engine.remote.place import parse_place

        try:
            parse_place(place)
        except EngineError as error:
            raise UsageError(str(error)) from error


def _report(error: Exception, *, debug: bool) -> int:
    """Print in one sentence what failed, and return the exit code."""
    code = EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED
    _log_error(error, code)
    if debug:
        traceback = importlib.import_module("traceback")
        print_status("".join(traceback.format_exception(error)).rstrip())
    try:
        sys.stdout.flush()
    except OSError:
        discard_stdout()
    print_status(_sentence(error))
    return code


def _log_error(error: Exception, code: int) -> None:
    """Log why a command ends; the sentences for users may quote prompts and paths."""
    if isinstance(error, UsageError | LoopError | EngineError | OSError):
        _logger().info("exit code %d: %s", code, type(error).__name__)
        _logger().debug("%s", error, exc_info=error)
    else:
        _logger().error("exit code %d", code, exc_info=error)


def _sentence(error: Exception) -> str:
    if isinstance(error, UsageError | LoopError | EngineError):
        return str(error)
    if isinstance(error, OSError):
        file = f" ({error.filename})" if error.filename else ""
        return f"Loopwright stopped: {(error.strerror or str(error)).lower()}{file}."
    return (
        f"Loopwright failed with {type(error).__name__} ({error}), which is a bug: run the command "
        "again with --debug, and report the output."
    )
