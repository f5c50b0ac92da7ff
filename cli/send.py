"""`loopwright send`: one OSC message to a running bridge, and its answers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import put, say
from cli.parser import Parser, absolute_path, decimal_number, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, quoted

if TYPE_CHECKING:
    from bridge.osc.messages import OscMessage

_DESCRIPTION = """\
Sends one message, such as
  loopwright send /lw/generate my-id "dusty drums" 0 4 --wait 60
and prints the answers, one per line; text is written as in JSON. Without --wait the first answer
is enough. docs/osc.md lists the messages."""
_FIRST_ANSWER_S = 2.0


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - all commands have it
    """Send a message, print the answers, and return the exit code."""
    parser = Parser("send", _DESCRIPTION)
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="such as /lw/ping")
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="its arguments")
    parser.add_argument(
        "--wait", type=decimal_number("--wait"), metavar="S", help="wait for the last answer"
    )
    parser.add_argument("--result", metavar="FILE", help="write the last answer there, as JSON")
    parser.add_argument("--port", type=whole_number("--port"), metavar="N", help="(default: 9725)")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.read(_numbers_shielded(arguments[:end]))
    texts = [*options.arguments, *arguments[end + 1 :]]
    if options.address is None:
        raise UsageError("ADDRESS is missing: see 'loopwright send --help'.")
    if not options.address.startswith("/") or not options.address.isascii():
        raise UsageError(f"{quoted(options.address)} is no address: write one such as /lw/ping.")
    if options.wait is not None and options.wait < 0:
        raise UsageError(f"--wait is {options.wait:g}, but must be 0 or more seconds.")
    if options.port is not None and not 0 < options.port <= 65_535:
        raise UsageError(f"--port is {options.port}, but must be 1 to 65535.")
    result = None if options.result is None else absolute_path(options.result, "The result file")
    return _send(options.address, texts, options.wait, result, options.port)


def _numbers_shielded(arguments: list[str]) -> list[str]:
    """Put a space before negative numbers: a seed of -1 would be taken for a flag."""
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
    place = ("127.0.0.1", port or DEFAULT_PORT)
    if known is not None and not known.reply:
        wait_s = 0.0
    if known is None and not address.startswith("/lw/") and wait_s is None:
        wait_s = 0.0  # to a DAW, say, which answers elsewhere or not at all
    heard = _exchanged(request, place, wait_s)
    last = next((each for each in heard if ends(known, request, each)), None)
    if result is not None and last is not None:
        _write_result(result, last)
    if wait_s == 0:
        return EXIT_DONE
    return _exit_code(last, heard=bool(heard), port=place[1], wait_s=wait_s)


def _exchanged(
    request: "OscMessage", place: tuple[str, int], wait_s: float | None
) -> "list[OscMessage]":
    """Send a request, print each answer as it comes, and return them."""
    from bridge.osc.addresses import TABLE
    from bridge.osc.client import OscClient, ends

    heard: list[OscMessage] = []
    try:
        with OscClient(*place) as client:
            client.send(request.address, request.arguments)
            for answer in client.answers(_FIRST_ANSWER_S if wait_s is None else wait_s):
                heard.append(answer)
                put(_described(answer))
                if wait_s is None or ends(TABLE.get(request.address), request, answer):
                    break
    except ConnectionError:
        return []
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The message cannot be sent ({reason}): shorten it.") from error
    return heard


def _exit_code(last: "OscMessage | None", *, heard: bool, port: int, wait_s: float | None) -> int:
    if not heard:
        say(f"No bridge answers on port {port}: start one with 'loopwright bridge'.")
        return EXIT_FAILED
    if last is None and wait_s is not None:
        say(f"The last answer did not come in {wait_s:g} s: wait longer with --wait.")
        return EXIT_FAILED
    if last is not None and last.address == "/lw/fail":
        say(str(last.arguments[-1]))
        return EXIT_FAILED
    return EXIT_DONE


def _described(message: "OscMessage") -> str:
    return " ".join([message.address, *_words(message)])


def _words(message: "OscMessage") -> Iterator[str]:
    for value in message.arguments:
        yield json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    """Return a value as JSON has it; a float from the wire in its shortest form."""
    from bridge.osc.messages import shortest_decimal

    if isinstance(value, bytes):
        return value.hex()
    return shortest_decimal(value) if isinstance(value, float) else value


def _write_result(path: Path, answer: "OscMessage") -> None:
    """Write the answer whole or not at all: a script may be waiting for the file."""
    facts: dict[str, object] = {
        "address": answer.address,
        "arguments": [_plain(each) for each in answer.arguments],
    }
    facts["ok"] = answer.address != "/lw/fail"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(facts) + "\n", "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
