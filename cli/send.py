"""`loopwright send`: send one OSC message to a running bridge and print the replies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import print_result, print_status
from cli.parser import Parser, absolute_path, decimal_number, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, quoted
from engine.loops import files

if TYPE_CHECKING:
    from bridge.osc.messages import OscMessage

_DESCRIPTION = """\
Send one OSC message to a running bridge and print the replies, one per line, such as
  loopwright send /lw/generate my-id "dusty drums" 0 4 --wait 60
Without --wait, stop at the first reply. docs/osc.md lists the messages."""
_FIRST_REPLY_S = 2.0


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Send a message, print the replies, and return the exit code."""
    parser = Parser("send", _DESCRIPTION)
    parser.add_argument(
        "address", nargs="?", metavar="ADDRESS", help="OSC address, such as /lw/ping"
    )
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="the message's arguments")
    parser.add_argument(
        "--wait",
        type=decimal_number("--wait"),
        metavar="S",
        help="wait up to S seconds for the last reply",
    )
    parser.add_argument("--result", metavar="FILE", help="write the last reply to FILE as JSON")
    parser.add_argument(
        "--port", type=whole_number("--port"), metavar="N", help="UDP port (default: 9725)"
    )
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.read(_with_spaced_numbers(arguments[:end]), intermixed=True)
    texts = [*options.arguments, *arguments[end + 1 :]]
    if options.address is None:
        raise UsageError("ADDRESS is missing: see 'loopwright send --help'.")
    if not options.address.startswith("/") or not options.address.isascii():
        raise UsageError(
            f"{quoted(options.address)} is not an OSC address: use one such as /lw/ping."
        )
    if options.wait is not None and options.wait < 0:
        raise UsageError(f"--wait is {options.wait:g}, but must be 0 or more seconds.")
    if options.port is not None and not 0 < options.port <= 65_535:
        raise UsageError(f"--port is {options.port}, but must be 1 to 65535.")
    result = None if options.result is None else absolute_path(options.result, "The result file")
    return _send(options.address, texts, options.wait, result, options.port)


def _with_spaced_numbers(arguments: list[str]) -> list[str]:
    """Put a space before negative numbers: argparse would take a seed of -1 for a flag."""
    return [f" {each}" if each[:1] == "-" and each[1:2].isdigit() else each for each in arguments]


def _send(
    address: str, texts: list[str], wait_s: float | None, result: Path | None, port: int | None
) -> int:
    from bridge.osc.addresses import DEFAULT_PORT, TABLE
    from bridge.osc.client import ends, typed_arguments
    from bridge.osc.messages import OscMessage

    known = TABLE.get(address)
    typed = typed_arguments(address, [text.strip() if text[:2] == " -" else text for text in texts])
    request = OscMessage(address, tuple(typed))
    endpoint = ("127.0.0.1", port or DEFAULT_PORT)
    if known is not None and not known.reply:
        wait_s = 0.0
    if known is None and not address.startswith("/lw/") and wait_s is None:
        wait_s = 0.0  # perhaps for a DAW, which replies elsewhere or not at all
    received = _exchange(request, endpoint, wait_s)
    last = next((each for each in received if ends(known, request, each)), None)
    if result is not None and last is not None:
        _write_result(result, last)
    if wait_s == 0:
        return EXIT_DONE
    return _exit_code(last, any_received=bool(received), port=endpoint[1], wait_s=wait_s)


def _exchange(
    request: "OscMessage", endpoint: tuple[str, int], wait_s: float | None
) -> "list[OscMessage]":
    """Send a request, print each reply as it arrives, and return them."""
    from bridge.osc.addresses import TABLE
    from bridge.osc.client import OscClient, ends

    received: list[OscMessage] = []
    try:
        with OscClient(*endpoint) as client:
            client.send(request.address, request.arguments)
            for reply in client.answers(_FIRST_REPLY_S if wait_s is None else wait_s):
                received.append(reply)
                print_result(_described(reply))
                if wait_s is None or ends(TABLE.get(request.address), request, reply):
                    break
    except ConnectionError:
        return []
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"Cannot send the message ({reason}): shorten it.") from error
    return received


def _exit_code(
    last: "OscMessage | None", *, any_received: bool, port: int, wait_s: float | None
) -> int:
    if not any_received:
        print_status(f"No bridge is running on port {port}: start one with 'loopwright bridge'.")
        return EXIT_FAILED
    if last is None and wait_s is not None:
        print_status(f"The last reply did not arrive within {wait_s:g} s: use a longer --wait.")
        return EXIT_FAILED
    if last is not None and last.address == "/lw/fail":
        print_status(str(last.arguments[-1]))
        return EXIT_FAILED
    return EXIT_DONE


def _described(message: "OscMessage") -> str:
    return " ".join([message.address, *_words(message)])


def _words(message: "OscMessage") -> Iterator[str]:
    for value in message.arguments:
        yield json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    """Return a value for JSON; a 32-bit float in its shortest form."""
    from bridge.osc.messages import shortest_decimal

    if isinstance(value, bytes):
        return value.hex()
    return shortest_decimal(value) if isinstance(value, float) else value


def _write_result(path: Path, reply: "OscMessage") -> None:
    """Write the reply to a file atomically: a script may be waiting for it."""
    facts: dict[str, object] = {
        "address": reply.address,
        "arguments": [_plain(each) for each in reply.arguments],
    }
    facts["ok"] = reply.address != "/lw/fail"
    files.replace(path, (json.dumps(facts) + "\n").encode())
