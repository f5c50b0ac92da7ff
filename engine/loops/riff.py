"""RIFF containers: writing chunks in order; `engine.loops.chunks` reads them.

A RIFF file is `RIFF`, the size of what follows, a form type, and chunks: a four-byte id, the
size of the data, the data, and, if the size is odd, a zero byte that is not counted.
Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991).
"""

import struct
from collections.abc import Iterable

Chunk = tuple[bytes, bytes]

_HEADER_BYTES = 8


def chunk_bytes(chunk_id: bytes, data: bytes, byte_order: str = "<") -> bytes:
    """Return one chunk with its header and padding."""
    return struct.pack(byte_order + "4sI", chunk_id, len(data)) + data + b"\0" * (len(data) % 2)


def riff_bytes(form: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Return a whole RIFF file.

    Raises:
        ValueError: the file would be larger than 4 GB.
    """
    body = b"".join([form, *(chunk_bytes(chunk_id, data) for chunk_id, data in chunks)])
    if len(body) > 0xFFFFFFFF - _HEADER_BYTES:
        raise ValueError("a RIFF file holds at most 4 GB")
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def list_bytes(list_type: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Return the data of a `LIST` chunk."""
    return list_type + b"".join(chunk_bytes(chunk_id, data) for chunk_id, data in chunks)
