"""FLAC files with comments of any length: libsndfile writes the audio, but few of its tags.

A FLAC file is `fLaC`, metadata blocks and audio; each block has a byte with its type, whose highest
bit marks the last one, and its size in three bytes.
Source: RFC 9639, Free Lossless Audio Codec (2024), section 8.
"""

import io
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from engine.loops.take import Audio
from engine.loops.wav import pcm_words

_MAGIC = b"fLaC"
_COMMENTS, _LAST = 4, 0x80
_MOST_BLOCKS = 128
_VENDOR = b"Loopwright"


def flac_bytes(
    audio: Audio,
    rate: int,
    bits: str,
    comments: Iterable[tuple[str, str]],
    dither_seed: int | None = 0,
) -> bytes:
    """Return a whole FLAC file.

    Args:
        audio: (frames, channels) float32, -1..1; samples outside are clipped.
        rate: in Hz.
        bits: `16` or `24`.
        comments: names and texts.
        dither_seed: of the dither of 16-bit audio; None for none.
    """
    import soundfile

    words = pcm_words(audio, bits, dither_seed)
    if bits == "24":
        words = words << 8  # libsndfile takes the highest bits of 32
    made = io.BytesIO()
    soundfile.write(made, words, rate, f"PCM_{bits}", format="FLAC")
    return _with_comments(made, comments)


def comments_in(stream: BinaryIO) -> dict[str, str]:
    """Return the comments of a FLAC file by their names in upper case, without damaged ones.

    Raises:
        OSError: the file cannot be read.
    """
    for kind, data in _blocks(stream):
        if kind == _COMMENTS:
            try:
                return dict(_decoded(data))
            except (struct.error, UnicodeDecodeError):
                return {}
    return {}


def _with_comments(flac: BinaryIO, comments: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of a FLAC file whose comments are replaced."""
    blocks = [(kind, data) for kind, data in _blocks(flac) if kind != _COMMENTS]
    blocks.append((_COMMENTS, _encoded(comments)))
    last = len(blocks) - 1
    heads = (
        bytes([kind | (_LAST if at == last else 0)]) + len(data).to_bytes(3, "big") + data
        for at, (kind, data) in enumerate(blocks)
    )
    return _MAGIC + b"".join(heads) + flac.read()


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield type and data of each metadata block; afterwards the stream is at the audio."""
    stream.seek(0)
    if stream.read(4) != _MAGIC:
        return
    for _ in range(_MOST_BLOCKS):
        head = stream.read(4)
        if len(head) < 4:
            return
        yield head[0] & ~_LAST, stream.read(int.from_bytes(head[1:], "big"))
        if head[0] & _LAST:
            return


def _encoded(comments: Iterable[tuple[str, str]]) -> bytes:
    texts = [f"{name}={text}".encode() for name, text in comments]
    parts = [_VENDOR, *texts]
    sized = [struct.pack("<I", len(part)) + part for part in parts]
    return sized[0] + struct.pack("<I", len(texts)) + b"".join(sized[1:])


def _decoded(data: bytes) -> Iterator[tuple[str, str]]:
    at = 4 + struct.unpack_from("<I", data)[0]
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    for _ in range(count):
        (size,) = struct.unpack_from("<I", data, at)
        if at + 4 + size > len(data):
            return
        name, _, text = data[at + 4 : at + 4 + size].decode().partition("=")
        yield name.upper(), text
        at += 4 + size
