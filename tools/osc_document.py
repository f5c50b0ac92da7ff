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
from bridge.osc.clients import LEASE_S, MOST_CLIENTS, MOST_PER_SOCKET, SILENT_S
from bridge.osc.messages import (
    DEEPEST_BUNDLE,
    LARGEST_PACKET_BYTES,
    MOST_ARGUMENTS,
    MOST_MESSAGES,
    PADDING,
)
from bridge.osc.records import MOST_OPEN, MOST_STORED
from bridge.osc.sender import MOST_PER_BYTE

_HEAD = f"""\
# The OSC messages

This page is generated from `bridge/osc/addresses.py` by `python -m tools.osc_document`; a test compares
them.

The bridge listens on UDP 127.0.0.1:{DEFAULT_PORT} and speaks OSC 1.0. Start it with
`loopwright bridge`, and try it with `loopwright send /lw/ping`.

- **Types**: `i` is a whole number, `f` a 32-bit float, `s` UTF-8 text, `a` any of them. `i` and `f`
  also accept `h` and `d`; `i` also accepts whole floats, `T` and `F`. Arguments in brackets are
  optional.
- **Replies** go to the socket that sent the request, and to registered clients of the same machine
  that gave a return port. Messages about a job go to the client that requested it and to all
  registered clients. A registered client receives each message once.
- **Ids** are chosen by the client: at most {LONGEST_ID_BYTES} bytes, in one namespace per bridge. Each request gets
  exactly one last reply: the one in its row, or `/lw/fail` with its address and id. If the same
  request is sent again with the same id, it gets the same reply and does not run twice (the last
  {MOST_STORED:,} are kept); another request with that id gets 409. A request that was refused before it
  started (400, 404, 413, 503) may be sent again with its id. At most {MOST_OPEN} requests wait at a time.
- **Leases**: a registered client is forgotten after {LEASE_S} s without `/lw/register` or `/lw/ping`. There
  can be up to {MOST_CLIENTS} clients, of which one socket can have {MOST_PER_SOCKET}. If there are more, the latest client of the
  name that has the most makes room, so a program that registers again and again locks nobody out. If
  all names differ, a client that has been silent for {SILENT_S} s makes room; for `live` and `reaper`, any
  client that is no DAW does.
- **Length of replies**: a sender without a lease gets at most {MOST_PER_BYTE} times as many bytes in direct replies as
  it sent, so that a forged sender cannot be flooded. A longer reply is refused with 409 `Register first.`,
  and the sentence of a failure is cut. Register, or send the request in a bundle with a message
  `{PADDING} b` as long as needed, as `loopwright send` does. The messages of a job are sent in any case.
- **Paths are never accepted.** A model is an id or the name of a registered folder, a project is the
  name of a folder in the projects folder, a source is the id of a clip, and a sound to analyse may
  also be the name of a file in the project folder. `s:file` is relative to the project folder.
- **Bundles** are handled when they arrive, whatever their time tags say. The limits are {DEEPEST_BUNDLE} levels,
  {MOST_MESSAGES} messages, {MOST_ARGUMENTS} arguments per message and {LARGEST_PACKET_BYTES:,} bytes in all. Address patterns
  are not supported.
- Messages get no reply if they are malformed, come from another machine, or are themselves replies.
- Other machines can send messages only if you start `loopwright bridge --listen IP --allow IP`.

## Requests
"""


def document() -> str:
    """Return docs/osc.md."""
    return "\n".join([_HEAD, *_requests(), *_pushes(), *_codes()]) + "\n"


def _requests() -> Iterator[str]:
    yield "| message | meaning | replies |"
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
    yield from ("## Pushes to registered clients", "", "| message | meaning |", "|---|---|")
    for path, arguments, meaning in PUSHES:
        yield f"| `{path} {arguments}` | {meaning} |"
    yield ""


def _codes() -> Iterator[str]:
    yield from (
        "## `/lw/fail s:request s:id i:code s:message`",
        "",
        "| code | meaning |",
        "|---|---|",
    )
    for code, what in FAIL_CODES:
        yield f"| {code} | {what} |"


if __name__ == "__main__":
    sys.stdout.write(document())
