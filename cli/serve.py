"""`loopwright serve`: the engine for a Loopwright on another machine, at the other end of ssh."""

import sys

from cli.parser import Parser
from cli.usage import EXIT_DONE, UsageError

_DESCRIPTION = """\
Make loops for a Loopwright on another machine. That one runs this command here over ssh, with
--engine ssh://THIS-MACHINE; it is of no use in a terminal."""


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - each command has it
    """Serve until stdin closes, and return the exit code."""
    Parser("serve", _DESCRIPTION).read(arguments)
    if sys.stdin.isatty():
        raise UsageError("'loopwright serve' is for ssh: use --engine ssh://BOX on the other side.")
    from engine.remote.host import serve_relay

    serve_relay()
    return EXIT_DONE
