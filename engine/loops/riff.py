"""RIFF containers: writing chunks in order, and reading the chunks of any program's files.

A RIFF file is `RIFF`, the size of what follows, a form type, and chunks: a four-byte id, the
size of the data, the data, and, if the size is odd, a zero byte that is not counted.
Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991).
"""

import struct
from collections.abc import Iterable
from typing import BinaryIO

from engine.loops.errors import UnreadableClip

Chunk = tuple[bytes, bytes]

_HEADER_BYTES = 8
_MOST_CHUNKS = 1_000
LARGEST_TAG_BYTES = 16 * 2**20
"""How much is read of a file's chunks other than audio; further chunks are skipped."""


def chunk_bytes(chunk_id: bytes, data: bytes) -> bytes:
    """Return one chunk with its header and padding."""
    return struct.pack("<4sI", chunk_id, len(data)) + data + b"\0" * (len(data) % 2)


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


def walk_chunks(stream: BinaryIO, path: object) -> tuple[dict[bytes, bytes], int | None]:
    """Return the chunks of a WAV file by id, the first of each, and the size of its audio.

    The audio itself is not read; its size in bytes is None if there is no `data` chunk.
    `LIST` chunks are keyed by their type: `LIST:INFO`.

    Raises:
        UnreadableClip: the file is not a RIFF/WAVE file, is truncated, or has far too many chunks.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    header = stream.read(12)
    if len(header) < 12 or header[:4] != b"RIFF" or header[8:] != b"WAVE":
        raise UnreadableClip(path, "it is not a RIFF/WAVE file")
    found: dict[bytes, bytes] = {}
    audio_bytes: int | None = None
    position = 12
    room = LARGEST_TAG_BYTES
    for _ in range(_MOST_CHUNKS):
        stream.seek(position)
        head = stream.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES:
            break
        chunk_id, length = struct.unpack("<4sI", head)
        end = position + _HEADER_BYTES + length
        if end > size:
            raise UnreadableClip(path, f"its {chunk_id.decode('latin-1')!r} chunk is cut short")
        if chunk_id == b"data":
            audio_bytes = length if audio_bytes is None else audio_bytes
        elif length <= room:
            data = stream.read(length)
            room -= length
            key = b"LIST:" + data[:4] if chunk_id == b"LIST" else chunk_id
            found.setdefault(key, data[4:] if chunk_id == b"LIST" else data)
        position = end + length % 2
    else:
        raise UnreadableClip(path, f"it has more than {_MOST_CHUNKS:,} chunks")
    return found, audio_bytes


def split_list(data: bytes) -> list[Chunk]:
    """Return the complete chunks inside the data of a `LIST`."""
    chunks: list[Chunk] = []
    position = 0
    while position + _HEADER_BYTES <= len(data):
        chunk_id, length = struct.unpack_from("<4sI", data, position)
        start = position + _HEADER_BYTES
        if start + length > len(data):
            break
        chunks.append((chunk_id, data[start : start + length]))
        position = start + length + length % 2
    return chunks
