"""A client of the bridge, for the command line: send a message, receive the replies."""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Self

from bridge.osc.addresses import TABLE, Address
from bridge.osc.errors import MalformedPacket
from bridge.osc.messages import LARGEST_PACKET_BYTES, Argument, OscMessage, build, padded, parse

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")


def typed_arguments(path: str, texts: Sequence[str]) -> list[Argument]:
    """Return words as arguments of the types that a known address takes.

    A word that cannot be converted stays text: the bridge replies with what is wrong.
    """
    address = TABLE.get(path)
    kinds = [parameter.kind for parameter in address.parameters] if address else []
    kinds += ["a"] * (len(texts) - len(kinds))
    return [_typed(kind, text) for kind, text in zip(kinds, texts, strict=False)]


def _typed(kind: str, text: str) -> Argument:
    if kind in "ia" and _WHOLE.fullmatch(text):
        return int(text)
    if kind in "fa" and (_WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text)):
        return float(text)
    return text


class OscClient:
    """A socket that sends messages to a bridge and receives its replies."""

    def __init__(self, host: str, port: int) -> None:
        """Send to the bridge on a host and a port.

        Raises:
            OSError: the host is unknown.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Connected: only the bridge's datagrams arrive, and a missing bridge is an error.
        self._socket.connect((host, port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, path: str, arguments: Sequence[Argument]) -> None:
        """Send a message, padded if its reply may be long.

        Raises:
            OSError: no bridge listens there, or the message is too long.
        """
        message, address = build(path, *arguments), TABLE.get(path)
        has_reply = address is not None and bool(address.reply)
        self._socket.send(padded(message) if has_reply else message)

    def answers(self, limit_s: float) -> Iterator[OscMessage]:
        """Yield the received messages until a time limit.

        Raises:
            ConnectionError: no bridge listens there.
        """
        end_s = time.monotonic() + limit_s
        while (left_s := end_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                yield from parse(self._socket.recv(LARGEST_PACKET_BYTES + 1))
            except TimeoutError:
                return
            except MalformedPacket:
                continue


def ends(address: Address | None, request: OscMessage, answer: OscMessage) -> bool:
    """Return whether a message is the last reply to a request."""
    first = request.arguments[:1]
    if answer.address == "/lw/fail" or (answer.address == "/lw/done" and address is not None):
        # The messages of a job cancelled by id name the job's address, not `/lw/cancel`.
        return answer.arguments[:1] == (request.address,) and (
            address is None or not address.has_id or answer.arguments[1:2] == first
        )
    if address is None or answer.address != address.reply:
        return False
    return address.reply == "/lw/pong" or answer.arguments[:1] == first
