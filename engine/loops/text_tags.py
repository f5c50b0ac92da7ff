"""The text tags of audio files: ID3 of any version, and the comments of FLAC, Ogg Vorbis and Opus.

tinytag reads them, and gives the same names to the fields of both kinds: `title`, `artist`,
`genre`, `comment`, `bpm`, `initial_key`; others keep their own, in lower case.
"""

import io
from typing import BinaryIO, cast

_MOST_READ_BYTES = 2**20
_LONGEST_TEXT = 1_000
_MOST_TEXTS = 100
_EMPTY_ID3V2 = b"ID3\3" + bytes(6)


class UnreadableTag(Exception):
    """A tag is damaged beyond what can be read."""


def text_tags(stream: BinaryIO) -> dict[str, str]:
    """Return the text tags of a file, or of an ID3 tag alone; empty if it has none.

    Raises:
        UnreadableTag: they are damaged.
        OSError: the file cannot be read.
    """
    from tinytag import ParseError, TinyTag, UnsupportedFormatError

    try:
        found = TinyTag.get(file_obj=cast("BinaryIO", _Limited(stream)), duration=False)
    except UnsupportedFormatError:
        return {}
    except ParseError as error:
        raise UnreadableTag from error
    # Facts about the audio itself are no lists.
    values = [(name, each) for name, each in found.as_dict().items() if isinstance(each, list)]
    return {
        name[:_LONGEST_TEXT]: str(each[0]).strip()[:_LONGEST_TEXT]
        for name, each in values[:_MOST_TEXTS]
        if each
    }


def id3_texts(tag: bytes) -> dict[str, str]:
    """Return the texts of an ID3 tag, version 1 or 2.

    Raises:
        UnreadableTag: it is damaged.
    """
    is_version_1 = tag[:3] == b"TAG"
    return text_tags(io.BytesIO(_EMPTY_ID3V2 + tag if is_version_1 else tag))


class _Limited(io.RawIOBase):
    """A file of which no more than a megabyte is read; pictures are skipped anyway."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._room = _MOST_READ_BYTES

    def read(self, size: int = -1, /) -> bytes:
        size = self._room if size < 0 else min(size, self._room)
        data = self._stream.read(size)
        self._room -= len(data)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()
