"""OSC messages as values: `parse` and `build`, pure and in bounded time.

Source: Wright, The Open Sound Control 1.0 Specification (2002). As strict as the specification:
padding is zero, strings are UTF-8 (a superset of ASCII), sizes are multiples of four. Address
patterns are rejected. The time tags of bundles are dropped: bundles are handled when they arrive.
"""

import re
import struct
from typing import NamedTuple

from bridge.osc.errors import MalformedPacket

Argument = str | int | float | bytes | None

PADDING = "/padding"
"""The address of a message without effect: a reply may be three times as long as its datagram."""
PADDED_BYTES = 1_200
LARGEST_PACKET_BYTES = 65_507
LONGEST_ADDRESS_BYTES = 255
MOST_ARGUMENTS = 64
MOST_MESSAGES = 64
DEEPEST_BUNDLE = 4

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD_BYTES = 16
_ADDRESS = re.compile(rb"/[!\"$-)+.-Z\\^-z|~-]*")
"""Printable ASCII without the characters that the specification reserves for patterns."""

_NUMBERS = {
    ord("i"): struct.Struct(">i"),
    ord("f"): struct.Struct(">f"),
    ord("h"): struct.Struct(">q"),
    ord("d"): struct.Struct(">d"),
}
_CONSTANTS: dict[int, Argument] = {ord("T"): True, ord("F"): False, ord("N"): None}
_OPAQUE_BYTES = {ord("c"): 4, ord("r"): 4, ord("m"): 4, ord("t"): 8, ord("I"): 0}
"""Types that no message here uses; they are returned as bytes."""


class OscMessage(NamedTuple):
    """An address and its arguments; `T` and `F` become True and False, `N` None."""

    address: str
    arguments: tuple[Argument, ...] = ()


def parse(datagram: bytes) -> list[OscMessage]:
    """Return the messages of a datagram, in the order of the bundle.

    Raises:
        MalformedPacket: the datagram is not OSC, exceeds a limit, or an address is a pattern.
    """
    size = len(datagram)
    if not 4 <= size <= LARGEST_PACKET_BYTES or size % 4:
        raise MalformedPacket(f"it has {size} bytes")
    if datagram[0] == 0x2F:
        return [_message(datagram, 0, size)]
    return [_message(datagram, start, stop) for start, stop in _message_spans(datagram)]


def _message_spans(datagram: bytes) -> list[tuple[int, int]]:
    """Return where the messages of a bundle are; nested bundles are walked without recursion."""
    found: list[tuple[int, int]] = []
    open_bundles: list[tuple[int, int]] = []
    start, stop = _bundle_body(datagram, 0, len(datagram))
    while True:
        while start == stop:
            if not open_bundles:
                return found
            start, stop = open_bundles.pop()
        element, end = _element(datagram, start, stop)
        if datagram[element] == 0x2F:
            found.append((element, end))
            start = end
        else:
            open_bundles.append((end, stop))
            start, stop = _bundle_body(datagram, element, end)
        if len(open_bundles) >= DEEPEST_BUNDLE or len(found) > MOST_MESSAGES:
            raise MalformedPacket("the bundle is too deep or too long")


def _bundle_body(datagram: bytes, start: int, stop: int) -> tuple[int, int]:
    if stop - start < _BUNDLE_HEAD_BYTES or not datagram.startswith(_BUNDLE, start):
        raise MalformedPacket("it starts with neither a slash nor #bundle")
    return start + _BUNDLE_HEAD_BYTES, stop


def _element(datagram: bytes, start: int, stop: int) -> tuple[int, int]:
    """Return where the next element of a bundle is."""
    size = int.from_bytes(datagram[start : start + 4], "big", signed=True)
    if size < 4 or size % 4 or start + 4 + size > stop:
        raise MalformedPacket(f"an element of the bundle has {size} bytes")
    return start + 4, start + 4 + size


_heads: dict[bytes, tuple[str, struct.Struct]] = {}
"""A cache of addresses with type tags whose arguments are all numbers.

Hosts send the same few again and again. A head is cached after it was parsed strictly, and the
number of cached heads is limited.
"""
_MOST_HEADS = 256


def _message(data: bytes, start: int, stop: int) -> OscMessage:
    # Addresses have no comma, so the first comma starts the type tags, if there are any.
    head = data[start : (data.find(b"\0", data.find(b",", start, stop), stop) & ~3) + 4]
    if (known := _heads.get(head)) is not None:
        address, numbers = known
        if start + len(head) + numbers.size != stop:
            raise MalformedPacket("the length of its arguments does not match its type tags")
        return OscMessage(address, numbers.unpack_from(data, start + len(head)))
    message, at = _parse_strictly(data, start, stop)
    if at == start + len(head) and len(_heads) < _MOST_HEADS:
        tags = head[head.find(b",") + 1 :].rstrip(b"\0").decode("ascii")
        if tags and not set(tags) - set("ifhd"):
            _heads[head] = (message.address, struct.Struct(f">{tags.replace('h', 'q')}"))
    return message


def _parse_strictly(data: bytes, start: int, stop: int) -> tuple[OscMessage, int]:
    """Return a message, and where its arguments start."""
    address, at = _string(data, start, stop)
    if len(address) > LONGEST_ADDRESS_BYTES or not _ADDRESS.fullmatch(address):
        raise MalformedPacket("its address is too long, or a pattern")
    if at == stop:  # some old senders omit the type tags of a message without arguments
        return OscMessage(address.decode("ascii")), at
    tags, at = _string(data, at, stop)
    if tags[:1] != b"," or len(tags) > MOST_ARGUMENTS + 1:
        raise MalformedPacket("its type tags are missing or too many")
    body = at
    arguments: list[Argument] = []
    for tag in tags[1:]:
        value, at = _argument(tag, data, at, stop)
        arguments.append(value)
    if at != stop:
        raise MalformedPacket("it has bytes after its last argument")
    return OscMessage(address.decode("ascii"), tuple(arguments)), body


def _argument(tag: int, data: bytes, at: int, stop: int) -> tuple[Argument, int]:
    """Return the argument of a type tag, and where the next one starts."""
    if (number := _NUMBERS.get(tag)) is not None:
        after = at + number.size
        if after > stop:
            raise MalformedPacket("a number is cut off")
        value: Argument = number.unpack_from(data, at)[0]
        return value, after
    if tag in (ord("s"), ord("S")):
        raw, after = _string(data, at, stop)
        try:
            return raw.decode("utf-8"), after
        except UnicodeDecodeError as error:
            raise MalformedPacket("a string is not UTF-8") from error
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    return _opaque(tag, data, at, stop)


def _opaque(tag: int, data: bytes, at: int, stop: int) -> tuple[bytes, int]:
    if tag == ord("b"):
        size = int.from_bytes(data[at : at + 4], "big", signed=True)
        begin, after = at + 4, at + 4 + (size + 3) // 4 * 4
        if size < 0 or begin > stop:
            raise MalformedPacket("a blob is cut off")
    elif tag in _OPAQUE_BYTES:
        begin, size = at, _OPAQUE_BYTES[tag]
        after = at + size
    else:
        raise MalformedPacket(f"it has the unknown type tag {chr(tag)!r}")
    if after > stop:
        raise MalformedPacket("an argument is cut off")
    return data[begin : begin + size], after


def _string(data: bytes, start: int, stop: int) -> tuple[bytes, int]:
    """Return a zero-terminated string, and where the next item starts."""
    end = data.find(b"\0", start, stop)
    after = (end & ~3) + 4
    if end < 0 or after > stop or data.count(b"\0", end, after) != after - end:
        raise MalformedPacket("a string has no end, or its padding is not zero")
    return data[start:end], after


def padded(message: bytes) -> bytes:
    """Return a bundle of a message and of padding, so that its reply may be long; see `PADDING`."""
    parts = (message, build(PADDING, bytes(PADDED_BYTES)))
    sized = b"".join(struct.pack(">i", len(part)) + part for part in parts)
    return b"#bundle\0" + struct.pack(">q", 1) + sized


def build(address: str, *arguments: Argument) -> bytes:
    """Return a message as a datagram: text is `s`, whole numbers `i` or `h`, others `f`, bytes `b`.

    Zero characters, which OSC strings cannot contain, are removed from text.
    """
    tags, body = b",", b""
    for value in arguments:
        tag, data = _built(value)
        tags += tag
        body += data
    return _padded(address.encode("ascii")) + _padded(tags) + body


def _built(value: Argument) -> tuple[bytes, bytes]:
    if isinstance(value, str):
        return b"s", _padded(value.replace("\0", "").encode("utf-8", "replace"))
    if value is None or isinstance(value, bool):
        return {True: b"T", False: b"F", None: b"N"}[value], b""
    if isinstance(value, int):
        fits = -(2**31) <= value < 2**31
        return (b"i", struct.pack(">i", value)) if fits else (b"h", struct.pack(">q", value))
    if isinstance(value, float):
        return b"f", struct.pack(">f", value)
    return b"b", struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (4 - len(text) % 4)


def shortest_decimal(value: float) -> float:
    """Return the shortest decimal that is the same 32-bit float: 128.37, not 128.36999...

    Tempos are received as 32-bit floats; without this, they would change the frame count.
    """
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack(">f", short) == struct.pack(">f", value):
            return short
    return value
