"""Opens audio files of any program with libsndfile, and decodes them piece by piece.

A WAV file is opened with a new header that has its format and the place of its audio, since
libsndfile refuses or misreads much that `engine.loops.chunks` tolerates. The padding that an MP3
encoder puts around the music is left out if the file gives its length: libsndfile does that for
LAME's tags, and this module for those of iTunes.
"""

import contextlib
import dataclasses
import io
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from engine.loops.audio_formats import (
    AUDIO_FORMATS,
    apple_codec,
    described_formats,
    format_in,
    wav_codec,
)
from engine.loops.channels import folded_down
from engine.loops.chunks import ChunkedFile, id3_bytes, read_chunks
from engine.loops.errors import UnreadableClip
from engine.loops.files import reading, reason_of
from engine.loops.riff import chunk_bytes
from engine.loops.take import Audio
from engine.loops.text_tags import UnreadableTag, text_tags

_PIECE_SAMPLES = 2**19
_WAV_FAMILY = ("WAV", "RF64", "BW64")
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MP3_DECODER_DELAY = 529
_LONGEST_DELAY = 10_000
_LONGEST_BLOCK = 4_096
_LONGEST_HEAD = 2**20
_LONGEST_PADDING = 2**16
_MOST_TAGS = 8
_FLAC_BLOCK = 4_096
_OPEN_IN_CAF = b"\xff" * 8
_LARGEST_RIFF = 0xFFFFFF00
_BITS = {
    "PCM_S8": "8", "PCM_U8": "8", "PCM_16": "16", "PCM_24": "24", "PCM_32": "32",
    "FLOAT": "32f", "DOUBLE": "64f", "ALAC_16": "16", "ALAC_20": "20", "ALAC_24": "24",
    "ALAC_32": "32",
}  # fmt: skip
_ITUNES_PADDING = re.compile(r"\s*[0-9A-Fa-f]{8} ([0-9A-Fa-f]{8}) [0-9A-Fa-f]{8} ([0-9A-Fa-f]{16})")


@dataclasses.dataclass(frozen=True)
class WavFormat:
    """What the `fmt ` chunk of a WAV file says.

    `bits` is empty if the samples are compressed; `mask` has a bit for each loudspeaker, and is 0
    if the channels are none, None if nothing is said.
    """

    codec: int
    rate: int
    channels: int
    frame_bytes: int
    bits: str
    mask: int | None = None


def wav_format(file: ChunkedFile, path: Path) -> WavFormat:
    """Return the format of a WAV file.

    Raises:
        UnreadableClip: it has none, or no audio.
    """
    fmt = file.chunks.get(b"fmt ", b"")
    if len(fmt) < 16 or file.audio is None:
        raise UnreadableClip(path, "it has no format or no audio")
    codec, channels, rate, _, block, depth = struct.unpack_from(file.byte_order + "HHIIHH", fmt)
    mask = None
    if codec == _EXTENSIBLE and len(fmt) >= 26:
        mask, codec = struct.unpack_from(file.byte_order + "IH", fmt, 20)
    if not (channels and rate and block):
        raise UnreadableClip(path, "its format is empty")
    bits = {_PCM: str(depth), _FLOAT: f"{depth}f"}.get(codec, "")
    return WavFormat(codec, rate, channels, block, bits, mask)


class Sound:
    """An open audio file.

    Attributes:
        format: its name, such as `MP3`.
        rate: in Hz.
        channels: how many it has.
        bits: `8` to `32`, `32f` or `64f`; empty if samples are compressed with loss.
        frames: how many the music has; of some MP3 files only an estimate.
    """

    def __init__(self, file: Any, name: str, music: range | None, mask: int | None = None) -> None:
        """Take an open `soundfile.SoundFile`.

        Args:
            file: the open file.
            name: of its format.
            music: the frames that are music; None: all.
            mask: its loudspeakers; see `WavFormat`.
        """
        self._file = file
        self._mask = mask
        self._music = music or range(sys.maxsize)
        self.format = name
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.bits = _BITS.get(file.subtype, "16" if file.format == "FLAC" else "")
        self.frames: int = len(music) if music else file.frames

    def stereo_pieces(self) -> Iterator[Audio]:
        """Yield the audio in pieces, (frames, 1 or 2 channels): more are folded down.

        Raises:
            soundfile.SoundFileError: the audio is damaged here.
        """
        xiph = self.format in ("Ogg Vorbis", "Opus")
        for piece in self.pieces():
            yield folded_down(piece, self._mask, xiph=xiph)

    def pieces(self) -> Iterator[Audio]:
        """Yield the audio in pieces, (frames, channels), float32.

        Raises:
            soundfile.SoundFileError: the audio is damaged here.
        """
        position, is_more = 0, True
        size = max(1, _PIECE_SAMPLES // self.channels)
        if self.format == "FLAC":  # of a piece in which the damage begins nothing is left
            size = _FLAC_BLOCK
        while is_more:
            # Files that cannot be searched are read only if the number of frames is named.
            piece = self._file.read(size, dtype="float32", always_2d=True)
            is_more = len(piece) == size
            begin = max(0, self._music.start - position)
            end = max(0, self._music.stop - position)
            position += len(piece)
            yield piece[begin:end]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Sound]:
    """Open an audio file.

    Raises:
        UnreadableClip: the file is missing, or is not in a format that can be read.
    """
    import soundfile

    try:
        with reading(path) as stream:
            chunked = read_chunks(stream)
            mask = None
            _refuse_unsafe(chunked, path)
            if chunked is not None and chunked.format in _WAV_FAMILY:
                mask = wav_format(chunked, path).mask
            source = _window(stream, chunked)
            try:
                file = soundfile.SoundFile(source)
            except soundfile.SoundFileError as error:
                source.check()
                raise UnreadableClip(path, _why_not(stream, chunked)) from error
            with file:
                music = _music_in(file, stream, chunked)
                yield Sound(file, _name_of(file, chunked), music, mask)
                source.check()
    except OSError as error:
        raise UnreadableClip(path, reason_of(error)) from error


def _refuse_unsafe(chunked: ChunkedFile | None, path: Path) -> None:
    """Refuse what libsndfile up to 1.2.2, the latest, reads beyond its memory: CVE-2026-37555."""
    if chunked is not None and _codec_in(chunked) == "IMA ADPCM":
        reason = "is not decoded because files made for it can take over the program"
        raise UnreadableClip(
            path, f"it is {chunked.format} with IMA ADPCM, which {reason}: convert it to PCM"
        )


def _name_of(file: Any, chunked: ChunkedFile | None) -> str:
    if chunked is not None:
        return chunked.format
    names = {"OGG": {"OPUS": "Opus"}.get(file.subtype, "Ogg Vorbis"), "MP3": "MP3"}
    return names.get(file.format, str(file.format))


def _why_not(stream: BinaryIO, chunked: ChunkedFile | None) -> str:
    """Return why libsndfile refused a file."""
    stream.seek(0)
    found = format_in(stream.read(16))
    codec = "" if chunked is None else _codec_in(chunked)
    if codec:
        return f"it is {found} with {codec}: convert it to WAV, AIFF or FLAC"
    if not found or found.startswith("a "):
        return f"it is {found or 'not an audio file'}"
    if found == "Ogg":
        return "it is Ogg, but damaged, or neither Vorbis nor Opus"
    if found in ("WAV", "Wave64", "AIFC", *AUDIO_FORMATS):
        return f"it is {found}, but damaged"
    return f"it is {found}: convert it to {described_formats()}"


def _codec_in(file: ChunkedFile) -> str:
    """Return the name of the codec in a file of chunks; empty if its samples are plain."""
    if file.format == "CAF":
        codec = file.chunks.get(b"desc", b"")[8:12]
    elif file.format in ("AIFF", "AIFC"):
        codec = file.chunks.get(b"COMM", b"")[18:22]
    else:
        tag = file.chunks.get(b"fmt ", b"")[:2]
        number = int.from_bytes(tag, "little" if file.byte_order == "<" else "big")
        return "" if number in (0, _PCM, _FLOAT, _EXTENSIBLE) else wav_codec(number)
    return apple_codec(codec)


def _music_in(file: Any, stream: BinaryIO, chunked: ChunkedFile | None) -> range | None:
    """Return the frames that are music and no encoder's padding, if the file says which; or None.

    Codecs of WAV files fill up their last block, and `fact` has the true length.
    """
    if file.format == "MP3":
        return _music_in_mp3(stream, file.frames)
    if chunked is None or chunked.format not in _WAV_FAMILY or file.subtype in _BITS:
        return None
    length = chunked.chunks.get(b"fact", b"")[:4]
    frames = int.from_bytes(length, "little" if chunked.byte_order == "<" else "big")
    return range(frames) if frames and 0 <= file.frames - frames < _LONGEST_BLOCK else None


def _music_in_mp3(stream: BinaryIO, frames: int) -> range | None:
    """Return the frames of an MP3 file that are music, if iTunes says so in a comment."""
    stream.seek(0)
    try:
        padding = text_tags(stream).get("itunsmpb", "")
    except UnreadableTag:
        return None
    found = _ITUNES_PADDING.match(padding)
    if found is None:
        return None
    delay, count = int(found[1], 16), int(found[2], 16)
    if not count or count == frames or delay > _LONGEST_DELAY:
        return None
    return range(delay + _MP3_DECODER_DELAY, delay + _MP3_DECODER_DELAY + count)


class _Window(io.RawIOBase):
    """What libsndfile reads: a head of ours, if any, and a part of the file behind it.

    libsndfile calls it from C, where an exception would only be printed: places that damaged files
    name before the beginning are ignored, and an error of the disk is kept for afterwards.
    """

    def __init__(self, stream: BinaryIO, head: bytes, start: int, length: int) -> None:
        super().__init__()
        self._stream = stream
        self._head = head
        self._shift = start - len(head)
        self._size = len(head) + length
        self._position = 0
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the error that ended a read, if any."""
        if self._error is not None:
            raise self._error

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._position < len(self._head):
            data = self._head[self._position : self._position + len(view)]
        else:
            data = self._read(min(len(view), max(0, self._size - self._position)))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            self._stream.seek(self._position + self._shift)
            return self._stream.read(size)
        except OSError as error:
            self._error = error
            return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset >= 0:
            self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position


def _window(stream: BinaryIO, file: ChunkedFile | None) -> _Window:
    """Return a WAV file as it should be, with the audio where it really is; any other as it is."""
    begin, size = _begin(stream), stream.seek(0, io.SEEK_END)
    if file is not None and file.audio is not None:
        start, length = file.audio
        if file.format in _WAV_FAMILY:
            return _Window(stream, _clean_head(file, length), start, length)
        if file.format == "CAF" and start - begin <= _LONGEST_HEAD:
            stream.seek(begin)
            head = stream.read(start - begin)
            if head[-8:] == _OPEN_IN_CAF:  # libsndfile refuses this
                head = head[:-8] + struct.pack(">q", length)
                return _Window(stream, head, start, length)
    return _Window(stream, b"", begin, size - begin)


def _begin(stream: BinaryIO) -> int:
    """Return where the sound begins after ID3 tags and zeros, which confuse libsndfile."""
    begin = 0
    for _ in range(_MOST_TAGS):
        stream.seek(begin)
        head = stream.read(_LONGEST_PADDING)
        if length := id3_bytes(head):
            begin += length
            continue
        zeros = len(head) - len(head.lstrip(b"\0"))
        return begin + zeros if zeros < len(head) else 0
    return 0


def _clean_head(file: ChunkedFile, length: int) -> bytes:
    """Return the bytes of a WAV file before its audio."""
    order = file.byte_order
    kept = [name for name in (b"fmt ", b"fact") if name in file.chunks]
    chunks = b"".join(chunk_bytes(name, file.chunks[name], order) for name in kept)
    size = 4 + len(chunks) + 8 + length
    if size <= _LARGEST_RIFF:
        magic = b"RIFF" if order == "<" else b"RIFX"
        return (
            struct.pack(order + "4sI4s", magic, size, b"WAVE")
            + chunks
            + struct.pack(order + "4sI", b"data", length)
        )
    sizes = chunk_bytes(b"ds64", struct.pack("<QQQI", size + 36, length, 0, 0))
    head = struct.pack("<4sI4s", b"RF64", 0xFFFFFFFF, b"WAVE") + sizes + chunks
    return head + struct.pack("<4sI", b"data", 0xFFFFFFFF)
