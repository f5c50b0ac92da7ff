"""RIFF containers: writing chunks in order; `engine.loops.chunks` reads them.

A RIFF file is `RIFF`, the size of what follows, a form type, and chunks: a four-byte id, the
size of the data, the data, and, if the size is odd, a zero byte that is not counted.
Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

Chunk = tuple[bytes, bytes]

_HEADER_BYTES = 8


def chunk_bytes(chunk_id: bytes, data: bytes, byte_order: str = "<") -> bytes:
    """Return one chunk with its header and padding."""
    return struct.pack(byte_order + "4sI", chunk_id, len(data)) + data + b"\0" * (len(data) % 2)


class LargeData(NamedTuple):
    """The data of a chunk in pieces, which are made as they are needed; `size` in bytes."""

    size: int
    pieces: Iterable[bytes]


def riff_pieces(form: bytes, chunks: Sequence[tuple[bytes, bytes | LargeData]]) -> Iterator[bytes]:
    """Yield a whole RIFF file in pieces.

    Raises:
        ValueError: the file would be larger than 4 GB.
    """
    named = [
        (name, data if isinstance(data, LargeData) else LargeData(len(data), [data]))
        for name, data in chunks
    ]
    size = len(form) + sum(_HEADER_BYTES + data.size + data.size % 2 for _, data in named)
    if size > 0xFFFFFFFF - _HEADER_BYTES:
        raise ValueError("a RIFF file holds at most 4 GB")
    yield struct.pack("<4sI", b"RIFF", size) + form
    for name, data in named:
        yield struct.pack("<4sI", name, data.size)
        yield from data.pieces
        yield b"\0" * (data.size % 2)


def riff_bytes(form: bytes, chunks: Sequence[Chunk]) -> bytes:
    """Return a whole RIFF file; see `riff_pieces`."""
    return b"".join(riff_pieces(form, chunks))


def list_bytes(list_type: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Return the data of a `LIST` chunk."""
    return list_type + b"".join(chunk_bytes(chunk_id, data) for chunk_id, data in chunks)
