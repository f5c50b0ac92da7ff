"""Writes docs/osc.md from the address table: `python -m tools.osc_document > docs/osc.md`."""

import sys
from collections.abc import Iterator

from bridge.osc.addresses import (
    ADDRESSES,
    DEFAULT_PORT,
    FAIL_CODES,
    LONGEST_ID_BYTES,
    PUSHES,
    Address,
)
from bridge.osc.clients import LEASE_S, MOST_CLIENTS
from bridge.osc.messages import DEEPEST_BUNDLE, LARGEST_PACKET_BYTES, MOST_ARGUMENTS, MOST_MESSAGES
from bridge.osc.records import MOST_OPEN, MOST_STORED

_HEAD = f"""\
# The OSC messages

This page is made from `bridge/osc/addresses.py` by `python -m tools.osc_document`; a test compares them.

The bridge listens on UDP 127.0.0.1:{DEFAULT_PORT} and speaks OSC 1.0. Start it with
`loopwright bridge`, and try it with `loopwright send /lw/ping`.

- **Types**: `i` a whole number, `f` a 32-bit float, `s` text in UTF-8, `a` any of them. `h` and `d`
  are taken for `i` and `f`, whole floats, `T` and `F` for `i`. Arguments in brackets may be left
  out.
- **Answers** go to the socket that asked, and to registered clients of the same machine that named
  a return port. What a job does is told to who asked for it, and to all registered clients. A
  registered client hears each message once.
- **Ids** are chosen by the client, at most {LONGEST_ID_BYTES} bytes, in one name space per bridge. Each request
  ends in exactly one last answer: the one in its row, or `/lw/fail` with its address and id. The
  same request with the same id again gets the same answer and is not run twice (the last
  {MOST_STORED:,} are kept); another request with that id gets 409. A request that was refused before it
  began (400, 404, 413, 503) may be sent again with its id. At most {MOST_OPEN} requests wait at a time.
- **Leases**: a registered client is forgotten after {LEASE_S} s without `/lw/register` or `/lw/ping`;
  there are at most {MOST_CLIENTS}.
- **No path is taken from the wire.** A model is an id or the name of a registered folder, a project
  the name of a folder in the projects folder, a source the id of a clip. `s:file` is relative to
  the project.
- **Bundles** are carried out when they arrive, whatever their time tags say: at most {DEEPEST_BUNDLE} deep,
  {MOST_MESSAGES} messages, {MOST_ARGUMENTS} arguments each, {LARGEST_PACKET_BYTES:,} bytes in all. Address patterns are not taken.
- What is malformed, comes from elsewhere than this machine, or is itself an answer, gets no reply.
- Other machines are heard with `loopwright bridge --listen IP --allow IP` alone.

## What the bridge takes
"""


def document() -> str:
    """Return docs/osc.md."""
    return "\n".join([_HEAD, *_requests(), *_pushes(), *_codes()]) + "\n"


def _requests() -> Iterator[str]:
    yield "| message | meaning | answer |"
    yield "|---|---|---|"
    for address in ADDRESSES:
        yield f"| {_form(address)} | {address.meaning} | {address.replies} |"
    yield ""


def _form(address: Address) -> str:
    required = [str(each) for each in address.parameters if not each.optional]
    optional = [str(each) for each in address.parameters if each.optional]
    words = [address.path, *required, *([f"[{' '.join(optional)}]"] if optional else [])]
    return f"`{' '.join(words)}`"


def _pushes() -> Iterator[str]:
    yield from ("## What registered clients are told", "", "| message | meaning |", "|---|---|")
    for path, arguments, meaning in PUSHES:
        yield f"| `{path} {arguments}` | {meaning} |"
    yield ""


def _codes() -> Iterator[str]:
    yield from ("## `/lw/fail s:request s:id i:code s:message`", "", "| code | what |", "|---|---|")
    for code, what in FAIL_CODES:
        yield f"| {code} | {what} |"


if __name__ == "__main__":
    sys.stdout.write(document())
