"""The part of OSC that the script needs: messages with i, f and s arguments."""

from __future__ import annotations

import struct
from typing import Any


def build(address: str, *arguments: Any) -> bytes:
    """Return a message as a datagram."""
    tags, body = ",", b""
    for value in arguments:
        if isinstance(value, str):
            tags += "s"
            body += _padded(value.encode("utf-8", "replace"))
        elif isinstance(value, float):
            tags += "f"
            body += struct.pack(">f", value)
        else:
            tags += "i"
            body += struct.pack(">i", int(value))
    return _padded(address.encode("ascii")) + _padded(tags.encode("ascii")) + body


def parse(datagram: bytes) -> tuple[str, list[Any]] | None:
    """Return the message of a datagram, or None if the bridge sends no such message."""
    try:
        address, at = _string(datagram, 0)
        tags, at = _string(datagram, at)
        arguments: list[Any] = []
        for tag in tags[1:]:
            if tag == "s":
                text, at = _string(datagram, at)
                arguments.append(text)
            else:
                arguments.append(struct.unpack_from({"i": ">i", "f": ">f"}[tag], datagram, at)[0])
                at += 4
    except (ValueError, KeyError, struct.error):
        return None
    return address, arguments


def _string(data: bytes, start: int) -> tuple[str, int]:
    end = data.index(b"\0", start)
    return data[start:end].decode("utf-8"), (end & ~3) + 4


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (4 - len(text) % 4)
