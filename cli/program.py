"""Picks the command, and turns errors into sentences and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled with Ctrl-C. Each command imports its
own parts, so that the program starts at once.
"""

import importlib
import sys
import time
from collections.abc import Sequence
from typing import Any

from cli.output import discard_stdout, put, say
from cli.usage import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, UsageError, hint, quoted
from engine.errors import EngineError
from engine.loops.errors import LoopError
from engine.version import VERSION

COMMANDS = {
    "window": "open the window, as without a command",
    "render": "turn a prompt into a loop in the project folder",
    "inspect": "show the tags and the recipe of a WAV file",
    "again": "render from the recipe in a clip",
    "models": "list, describe, download, check or remove models",
    "bridge": "the OSC bridge for DAWs and scripts, without a window",
    "send": "send one OSC message to a running bridge",
    "daw": "install into Live or REAPER, and see whether it talks",
    "doctor": "what works on this machine, and what to do about the rest",
    "bench": "the benchmarks, each beside its peer",
}
"""Each is a module of this package with a function `run(arguments, *, debug) -> exit code`."""

_HELP = "\n".join(
    [
        "usage: loopwright [COMMAND ...]",
        "",
        "Without a command it opens its window.",
        "Turns a text prompt into a loop that is exactly N bars long, as a tagged WAV file.",
        "",
        *(f"  {name:<10} {summary}" for name, summary in COMMANDS.items()),
        "",
        "  --version  show the version",
        "  --debug    with any command: show where an error comes from",
        "",
        "'loopwright COMMAND --help' shows the options of a command.",
    ]
)


def run(arguments: Sequence[str], *, log: bool = False) -> int:
    """Run what the arguments say and return the exit code; errors become sentences.

    `log` is for a process that does nothing else: it gets a log.
    """
    given = list(arguments)
    debug = _take_debug_flag(given)
    command = given[0] if given else "window"
    if log and command in COMMANDS:  # `--version` and `--help` do without
        kind = command if command in ("window", "bridge") else "cli"
        importlib.import_module("engine.log").start_log(kind, debug=debug)
    try:
        code = _run_command(given, debug=debug)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone (`| head -1`): that is no failure of ours.
        discard_stdout()
        return EXIT_DONE
    except SystemExit as leaving:  # argparse leaves so after --help
        return leaving.code if isinstance(leaving.code, int) else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - the one place where errors become sentences
        return _report(error, debug=debug)
    return code


def _run_command(arguments: list[str], *, debug: bool) -> int:
    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return _run_logged(first, arguments[1:], debug=debug)
    if first in ("-h", "--help"):
        put(_HELP)
    elif first == "--version":
        put(f"loopwright {VERSION}")
    elif not arguments:
        return _open_window(debug=debug)
    elif first.startswith("-"):
        known = hint(first, ("--help", "--version", "--debug"))
        raise UsageError(f"{quoted(first)} is no flag of loopwright: {known}")
    else:
        raise UsageError(f"{quoted(first)} is no command: {hint(first, COMMANDS)}")
    return EXIT_DONE


def _open_window(*, debug: bool) -> int:
    """Open the window; where there can be none, the commands are what helps."""
    try:
        return _run_logged("window", [], debug=debug)
    except UsageError:
        say(_HELP)
        raise


def _run_logged(command: str, arguments: list[str], *, debug: bool) -> int:
    """Run a command; its arguments may hold a prompt, so they are logged at DEBUG only."""
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
    """Remove `--debug` where it stands as a flag; behind `--` it is somebody's prompt."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if "--debug" not in arguments[:end]:
        return False
    arguments.remove("--debug")
    return True


def _report(error: Exception, *, debug: bool) -> int:
    """Say in one sentence what failed, and return the exit code."""
    code = EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED
    _log_error(error, code)
    if debug:
        traceback = importlib.import_module("traceback")
        say("".join(traceback.format_exception(error)).rstrip())
    try:
        sys.stdout.flush()
    except OSError:
        discard_stdout()
    say(_sentence(error))
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
        place = f" ({error.filename})" if error.filename else ""
        return f"Loopwright could not go on: {(error.strerror or str(error)).lower()}{place}."
    return (
        f"Loopwright failed with {type(error).__name__} ({error}), which is a fault of the "
        "program: run the command again with --debug and report what it prints."
    )
