"""The chunks of audio files from any program: WAV, RF64, BW64, Wave64, AIFF, AIFC and CAF.

The reader is careful and tolerant: it keeps every chunk that it can read, and reports the others.
It tolerates sizes that streaming programs leave open, missing padding, and data that other programs
append. The audio itself is never read, only located.
Sources: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991); EBU Tech
3306 (RF64) and ITU-R BS.2088 (BW64); Apple, Audio Interchange File Format 1.3 (1989) and Core Audio
Format 1.0; Sonic Foundry, Wave64 (2003).
"""

import dataclasses
import re
import struct
from typing import BinaryIO

LARGEST_TAG_BYTES = 16 * 2**20
"""How much is read of a file's chunks other than audio; further chunks are skipped."""

_MOST_CHUNKS = 1_000
_SEARCHED_BYTES = 2**16
_SMALLEST_OPEN_SIZE = 0x7FFF0000
"""Programs that stream write 0, about 2^31, about 2^32 or -1 as a size they do not know yet."""
_MOST_PROBLEMS = 8

_ID3V1_BYTES = 128
_WAVE64_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_WAVE64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_KEPT = frozenset(
    [
        *(b"fmt ", b"fact", b"ds64", b"acid", b"smpl", b"inst", b"cue ", b"LIST", b"list"),
        *(b"bext", b"iXML", b"id3 ", b"ID3 ", b"lwrc"),
        *(b"COMM", b"MARK", b"INST", b"NAME", b"AUTH", b"(c) ", b"ANNO", b"COMT", b"basc"),
        *(b"desc", b"info", b"uuid"),
    ]
)
_KNOWN_ID = re.compile(b"|".join(map(re.escape, [*sorted(_KEPT), b"data", b"SSND"])))


@dataclasses.dataclass(frozen=True)
class ChunkedFile:
    """The chunks of a file.

    Attributes:
        format: what the file is: `WAV`, `RF64`, `BW64`, `Wave64`, `AIFF`, `AIFC` or `CAF`.
        byte_order: of its numbers, as `struct` writes it.
        chunks: the data of the first chunk of each id; a `LIST` has its type in its id, such as
            `LIST:INFO`, and a `uuid` its UUID. ID3 tags are `id3 ` and `TAG`, wherever they are.
        audio: where the audio begins and how many bytes it has; None if there is none.
        problems: what could not be read, in words that follow "the file": "its 'cue ' chunk is
            cut short".
    """

    format: str
    byte_order: str
    chunks: dict[bytes, bytes]
    audio: tuple[int, int] | None
    problems: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Layout:
    """How a family of files writes its chunks."""

    format: str
    first: int
    byte_order: str = "<"
    header: str = "4sI"
    counts_header: bool = False
    align: int = 2
    audio_id: bytes = b"data"

    @property
    def header_format(self) -> str:
        return self.byte_order + self.header

    @property
    def header_bytes(self) -> int:
        return struct.calcsize(self.header_format)


def _layout_of(head: bytes) -> _Layout | None:
    """Return the layout of a file that begins with these 40 bytes; None if it has no chunks."""
    magic, form = head[:4], head[8:12]
    if magic in (b"RIFF", b"RF64", b"BW64") and form == b"WAVE":
        return _Layout("WAV" if magic == b"RIFF" else magic.decode(), 12)
    if magic == b"RIFX" and form == b"WAVE":
        return _Layout("WAV", 12, ">")
    if magic == b"FORM" and form in (b"AIFF", b"AIFC"):
        return _Layout(form.decode(), 12, ">", audio_id=b"SSND")
    if magic == b"caff":
        return _Layout("CAF", 8, ">", "4sq", align=1)
    if head[:16] == _WAVE64_RIFF:
        return _Layout("Wave64", 40, "<", "16sq", counts_header=True, align=8)
    return None


def read_chunks(stream: BinaryIO) -> ChunkedFile | None:
    """Return the chunks of a file; None if it is not of a kind that consists of chunks.

    Raises:
        OSError: the file cannot be read.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(50)
    start = id3_bytes(head) if head[:3] == b"ID3" else 0
    stream.seek(start)
    layout = _layout_of(stream.read(40))
    if layout is None:
        return None
    walk = _Walk(stream, size, layout)
    if start:
        walk.keep(b"id3 ", 0, start)
    walk.from_chunk_at(start + layout.first)
    return ChunkedFile(
        layout.format, layout.byte_order, walk.chunks, walk.audio, tuple(walk.problems)
    )


def id3_bytes(head: bytes) -> int:
    """Return the whole length of an ID3v2 tag that begins with these bytes; 0 if none does."""
    if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 0x7F:
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte
    return 10 + length + (10 if head[5] & 0x10 else 0)


class _Walk:
    """One walk over the chunks of a file."""

    def __init__(self, stream: BinaryIO, size: int, layout: _Layout) -> None:
        self._stream = stream
        self._size = size
        self._layout = layout
        self._room = LARGEST_TAG_BYTES
        self.chunks: dict[bytes, bytes] = {}
        self.audio: tuple[int, int] | None = None
        self.problems: list[str] = []

    def from_chunk_at(self, position: int) -> None:
        """Read the chunks from here to the end of the file."""
        for _ in range(_MOST_CHUNKS):
            at_end = position + self._layout.header_bytes > self._size
            if at_end or len(self.problems) >= _MOST_PROBLEMS:
                return
            header = self._header_at(position)
            if header is None:
                position = self._after_stray_bytes(position)
                continue
            chunk_id, start, length = header
            if chunk_id == self._layout.audio_id:
                end = self._locate_audio(start, length)
            else:
                end = start + length
                self.keep(chunk_id, start, length)
            position = self._next_chunk(start, end)
        self.problems.append(f"it has more than {_MOST_CHUNKS:,} chunks")

    def keep(self, chunk_id: bytes, start: int, length: int) -> None:
        """Keep a chunk's data, unless it was kept before or is too large."""
        if chunk_id not in _KEPT or length > self._room:
            return
        self._stream.seek(start)
        data = self._stream.read(length)
        if chunk_id in (b"LIST", b"list"):
            chunk_id, data = b"LIST:" + data[:4], data[4:]
        elif chunk_id == b"uuid":
            chunk_id, data = b"uuid:" + data[:16], data[16:]
        elif chunk_id == b"ID3 ":
            chunk_id = b"id3 "
        if chunk_id not in self.chunks:
            self.chunks[chunk_id] = data
            self._room -= len(data)

    def _header_at(self, position: int) -> tuple[bytes, int, int] | None:
        """Return the id, start and length of the chunk at a position; None if none can be there."""
        layout = self._layout
        self._stream.seek(position)
        head = self._stream.read(layout.header_bytes)
        if len(head) < layout.header_bytes:
            return None
        chunk_id, length = struct.unpack(layout.header_format, head)
        if layout.counts_header:
            if chunk_id[4:] != _WAVE64_TAIL:
                return None
            chunk_id, length = chunk_id[:4], length - layout.header_bytes
        start = position + layout.header_bytes
        if chunk_id == layout.audio_id:
            return chunk_id, start, length
        fits = 0 <= length <= self._size - start
        return (chunk_id, start, length) if fits and _is_printable(chunk_id) else None

    def _locate_audio(self, start: int, length: int) -> int:
        """Note where the audio is, and return where it ends.

        A program that streams does not know the size when it writes it; and a copy may have been
        cut short.
        """
        rest = self._size - start
        if self._layout.format in ("RF64", "BW64") and length == 0xFFFFFFFF:
            length = self._size_in_ds64() or length
        if self._is_open(start, length):
            length = rest - self._id3v1_at_end()
        elif length > rest:
            self.problems.append("its audio is cut short")
            length = rest
        if self.audio is None or not self.audio[1]:
            self.audio = (start, max(0, length))
        return start + max(0, length)

    def _is_open(self, start: int, length: int) -> bool:
        """Return whether the size of the audio stands for "to the end of the file"."""
        rest = self._size - start
        if length == 0:
            return rest > _ID3V1_BYTES and not self._likelihood(start)
        return length < 0 or (length > rest and length >= _SMALLEST_OPEN_SIZE)

    def _size_in_ds64(self) -> int:
        sizes = self.chunks.get(b"ds64", b"")
        return int.from_bytes(sizes[8:16], "little")

    def _id3v1_at_end(self) -> int:
        self._stream.seek(max(0, self._size - _ID3V1_BYTES))
        tag = self._stream.read(_ID3V1_BYTES)
        if len(tag) < _ID3V1_BYTES or tag[:3] != b"TAG":
            return 0
        self.chunks.setdefault(b"TAG", tag)
        return _ID3V1_BYTES

    def _next_chunk(self, start: int, end: int) -> int:
        """Return where the next chunk begins; some programs leave the padding out."""
        padded = end + (start - end) % self._layout.align
        if padded == end or padded >= self._size:
            return padded
        return padded if self._likelihood(padded) >= self._likelihood(end) else end

    def _likelihood(self, position: int) -> int:
        """Return 2 if a chunk that we know seems to begin here, 1 if any does, else 0."""
        header = self._header_at(position)
        if header is None:
            return 0
        return 2 if header[0] in _KEPT or header[0] == self._layout.audio_id else 1

    def _after_stray_bytes(self, position: int) -> int:
        """Return where the chunks continue after what is not a whole chunk; note what was found."""
        self._stream.seek(position)
        data = self._stream.read(_SEARCHED_BYTES)
        if length := id3_bytes(data):
            self.keep(b"id3 ", position, length)
            return position + length
        if data[:3] == b"TAG" and len(data) == _ID3V1_BYTES:
            self.chunks.setdefault(b"TAG", data)
            return self._size
        if not data.strip(b"\0"):
            return self._size
        self.problems.append(_described(data))
        for found in _KNOWN_ID.finditer(data, 1):
            if self._header_at(position + found.start()) is not None:
                return position + found.start()
        return self._size


def _is_printable(chunk_id: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in chunk_id)


def _described(data: bytes) -> str:
    if _is_printable(data[:4]):
        return f"its {data[:4].decode('ascii')!r} chunk is cut short"
    return "it has bytes that belong to no chunk"


def split_list(data: bytes, byte_order: str = "<") -> list[tuple[bytes, bytes]]:
    """Return the ids and data of the complete chunks inside the data of a `LIST`."""
    found = []
    position = 0
    while (header := _listed_header(data, position, byte_order)) is not None:
        chunk_id, end = header
        found.append((chunk_id, data[position + 8 : end]))
        is_odd = (end - position) % 2
        position = end
        if is_odd and _listed_header(data, end + 1, byte_order) is not None:
            position = end + 1
    return found


def _listed_header(data: bytes, position: int, byte_order: str) -> tuple[bytes, int] | None:
    """Return the id and the end of the chunk at a position; None if no whole one is there."""
    if position + 8 > len(data):
        return None
    chunk_id, length = struct.unpack_from(byte_order + "4sI", data, position)
    end = position + 8 + length
    return (chunk_id, end) if end <= len(data) and _is_printable(chunk_id) else None
