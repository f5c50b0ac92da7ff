"""Messages as the actors of a studio pass them to each other."""

import msgspec

from engine import protocol

Packet = tuple[bytes, bytes]
"""A message as a line of JSON, and its payload."""
ANSWERS = protocol.Models | protocol.Diagnosis | protocol.Unloaded
"""The replies to questions, which are no jobs."""


def packet(message: protocol.Message, payload: bytes = b"") -> Packet:
    """Return a message as a packet."""
    return protocol.encode(message), payload


def with_id(message: protocol.Message, new_id: str) -> protocol.Message:
    """Return a message under another id."""
    return msgspec.structs.replace(message, id=new_id)
