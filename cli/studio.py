"""`loopwright studio`: many machines that make loops for many musicians, by way of Ray."""

from typing import Any

import msgspec

from cli.output import print_json, print_result, print_status
from cli.parser import Parser
from cli.usage import EXIT_DONE, UsageError, hint, quoted
from engine.entry_points import engine_elsewhere
from engine.remote.place import STUDIO_PORT, StudioPlace

_DESCRIPTION = """\
Make several machines one studio, where all musicians' loops are made in turn.

  loopwright studio start        on the head, the first machine
  loopwright studio join HEAD    on each other machine
  loopwright studio stop         on any of them: this machine leaves
  loopwright studio status       boxes, models in memory, and who waits

Needs the extra 'studio' (Ray). What follows '--' are options of 'ray start'."""


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - each command has it
    """Run `loopwright studio` and return the exit code."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    more = arguments[end + 1 :]
    parser = Parser("studio", _DESCRIPTION)
    parser.add_argument("action", metavar="ACTION", help="start, join, stop or status")
    parser.add_argument(
        "head", metavar="HEAD", nargs="?",
        help="for join and status: the head, HEAD[:PORT] (status: that of --engine, or this one)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="status as one JSON object")
    parser.add_argument(
        "--workers", type=int, metavar="N",
        help="how many takes are made here at once (default: one per card, else per 4 cores)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=int, default=STUDIO_PORT, metavar="N",
        help=f"for start: where musicians connect (default {STUDIO_PORT})",
    )  # fmt: skip
    parser.add_argument(
        "--join-port", type=int, metavar="N",
        help="for start: where machines join (default 6379)",
    )  # fmt: skip
    options = parser.read(arguments[:end])
    action = _ACTIONS.get(options.action)
    if action is None:
        known = hint(options.action, _ACTIONS)
        raise UsageError(
            f"{quoted(options.action)} is not an action of 'loopwright studio': {known}"
        )
    if options.action == "join" and options.head is None:
        raise UsageError("'loopwright studio join' needs the HEAD to join.")
    if options.action in ("start", "stop") and options.head is not None:
        raise UsageError(
            f"'loopwright studio {options.action}' does not take {quoted(options.head)}."
        )
    action(options, more)
    return EXIT_DONE


def _start(options: Any, more: list[str]) -> None:
    from engine.studio.nodes import JOIN_PORT, start_head, token_path

    join_port = JOIN_PORT if options.join_port is None else options.join_port
    address = start_head(options.port, join_port, options.workers, more)
    print_status(f"The studio runs. Copy {token_path()} to each other machine, then:")
    print_result(f"loopwright studio join {address}:{join_port}")
    print_result(f'loopwright render "dusty drums" --engine ray://{address}:{options.port}')


def _join(options: Any, more: list[str]) -> None:
    from engine.studio.nodes import join

    join(options.head, options.workers, more)
    print_status(f"This machine makes loops for the studio of {options.head}.")


def _stop(_options: Any, _more: list[str]) -> None:
    from engine.studio.nodes import stop

    ended = stop()
    print_status("This machine has left the studio." if ended else "No studio runs here.")


def _status(options: Any, _more: list[str]) -> None:
    from engine.studio.connection import status_of
    from engine.studio.status import in_words

    if options.head is not None:
        place = StudioPlace.parse(f"ray://{options.head}")
    elif (elsewhere := engine_elsewhere() or "").startswith("ray://"):
        place = StudioPlace.parse(elsewhere)
    else:
        place = StudioPlace("127.0.0.1", options.port)
    status = status_of(place)
    if options.json:
        print_json(msgspec.to_builtins(status))
        return
    for line in in_words(status):
        print_result(line)


_ACTIONS = {"start": _start, "join": _join, "stop": _stop, "status": _status}
