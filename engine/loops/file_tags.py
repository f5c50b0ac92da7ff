"""What the tags of an audio file say, as data: the same for WAV, AIFF, CAF, MP3, FLAC and Ogg.

Nothing is interpreted here beyond the formats: tags may contradict each other, or the audio.
Sources of the layouts, besides those of `engine.loops.tags`:
    basc        libsndfile `aiff.c`; CAF files have the same facts as texts in a `uuid` chunk
    MARK, INST  Apple, Audio Interchange File Format 1.3 (1989)
"""

import math
import re
import struct
from collections.abc import Iterator
from html import unescape

import msgspec
import numpy as np

from engine.loops.chunks import ChunkedFile, split_list
from engine.loops.text_tags import UnreadableTag, id3_texts

_MOST_MARKERS = 10_000
_LONGEST_TEXT = 1_000
_APPLE_LOOP = b"uuid:" + bytes.fromhex("29819273b5bf4aefb78d62d1ef90bb2c")
_SCALES = {1: "minor", 2: "major", 3: "neither", 4: "both"}
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_AIFF_TEXTS = (b"NAME", b"AUTH", b"(c) ", b"ANNO")

_XML_TEXT = re.compile(r"<([A-Za-z_]{1,60})>([^<>]{1,2000})</\1>")
_XML_ATTRIBUTE = re.compile(r"<NAME>([^<>]{1,100})</NAME>\s{0,100}<VALUE>([^<>]{1,2000})</VALUE>")


class AcidTag(msgspec.Struct, frozen=True, kw_only=True):
    """The `acid` chunk of WAV files."""

    one_shot: bool
    root_note: int | None
    """0 is C and 11 is B."""
    beats: int
    meter: str
    bpm: float | None
    """None if the number is not finite."""


class LoopPoints(msgspec.Struct, frozen=True):
    """The first and the last frame of a loop."""

    start: int
    end: int


class SamplerTag(msgspec.Struct, frozen=True, kw_only=True):
    """The `smpl` chunk of WAV files, or else `inst`; `INST` of AIFF files."""

    root_note: int
    """MIDI, 60 is middle C; most programs write 60 if they do not know."""
    loops: tuple[LoopPoints, ...] = ()


class AppleLoopTag(msgspec.Struct, frozen=True, kw_only=True):
    """What an Apple Loop says: the `basc` chunk of AIFF files, or a `uuid` chunk of CAF files."""

    one_shot: bool
    beats: int
    """Counted in the denominator of the meter; 0 if there are none."""
    meter: str
    root_note: str = ""
    """Such as `F#`; empty if there is none."""
    scale: str = ""
    """`minor`, `major`, `neither`, `both`, or empty."""


class Marker(msgspec.Struct, frozen=True):
    """A position in frames, and its label, which may be empty."""

    frame: int
    label: str = ""


class FileTags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All tags of a file; what it does not have is None or empty.

    Texts are as they stand in the file, each at most 1,000 characters.
    """

    acid: AcidTag | None = None
    smpl: SamplerTag | None = None
    basc: AppleLoopTag | None = None
    id3: dict[str, str] = {}
    """ID3 of any version, wherever it stands: `title`, `bpm`, `initial_key`, ...; see text_tags."""
    vorbis: dict[str, str] = {}
    """The comments of FLAC, Ogg Vorbis and Opus, by the same names as those of `id3`."""
    info: dict[str, str] = {}
    """`LIST INFO` of WAV (`INAM`, `IKEY`, ...), the texts of AIFF (`NAME`, ...), `info` of CAF."""
    ixml: dict[str, str] = {}
    """Elements of `iXML` by name, and Steinberg's attributes, such as `MusicalTempo`."""
    bext: dict[str, str] = {}
    """`description`, `originator`, `reference`, `date` and `time` of a broadcast WAV file."""
    markers: tuple[Marker, ...] = ()
    """`cue ` with its labels, or `MARK`, in the order of the file."""


def tags_in(file: ChunkedFile) -> tuple[FileTags, list[str]]:
    """Return the tags in the chunks of a file, and what could not be read of them."""
    id3, problems = _id3(file)
    is_aiff = file.format in ("AIFF", "AIFC")
    markers = tuple(_aiff_markers(file) if is_aiff else _cue_markers(file))
    tags = FileTags(
        acid=_acid(file),
        smpl=_inst(file) if is_aiff else _smpl(file),
        basc=_basc(file) or _apple_loop_in_caf(file),
        id3=id3,
        info=_info(file),
        ixml=_ixml(file.chunks.get(b"iXML", b"")),
        bext=_bext(file.chunks.get(b"bext", b"")),
        markers=tuple(Marker(number, label) for number, label in markers),
    )
    return tags, problems


def _numbers(file: ChunkedFile, chunk_id: bytes, layout: str) -> tuple[int, ...] | None:
    """Return the numbers at the beginning of a chunk; None if it is missing or too short."""
    data = file.chunks.get(chunk_id, b"")
    layout = file.byte_order + layout
    return struct.unpack_from(layout, data) if len(data) >= struct.calcsize(layout) else None


def _acid(file: ChunkedFile) -> AcidTag | None:
    numbers = _numbers(file, b"acid", "IHHfIHHf")
    if numbers is None:
        return None
    flags, root, _, _, beats, denominator, numerator, bpm = numbers
    return AcidTag(
        one_shot=bool(flags & 1),
        root_note=root % 12 if flags & 2 else None,
        beats=beats,
        meter=f"{numerator}/{denominator}",
        bpm=float(np.format_float_positional(np.float32(bpm))) if math.isfinite(bpm) else None,
    )


def _smpl(file: ChunkedFile) -> SamplerTag | None:
    numbers = _numbers(file, b"smpl", "9I")
    if numbers is None:
        note = _numbers(file, b"inst", "7b")
        return None if note is None else SamplerTag(root_note=note[0] & 0x7F)
    data = file.chunks[b"smpl"]
    count = min(numbers[7], (len(data) - 36) // 24, _MOST_MARKERS)
    points = (struct.unpack_from(file.byte_order + "II", data, 44 + 24 * n) for n in range(count))
    return SamplerTag(root_note=numbers[3], loops=tuple(LoopPoints(*each) for each in points))


def _inst(file: ChunkedFile) -> SamplerTag | None:
    numbers = _numbers(file, b"INST", "6bh3H3H")
    if numbers is None:
        return None
    places = {number: frame for number, frame, _ in _aiff_marks(file)}
    loops = (numbers[7:10], numbers[10:13])  # sustain and release: play mode, first, last marker
    return SamplerTag(
        root_note=numbers[0] & 0x7F,
        loops=tuple(
            LoopPoints(places[first], max(places[first], places[last] - 1))
            for mode, first, last in loops
            if mode and first in places and last in places
        ),
    )


def _basc(file: ChunkedFile) -> AppleLoopTag | None:
    numbers = _numbers(file, b"basc", "IIHHHHH")
    if numbers is None:
        return None
    _, beats, root, scale, numerator, denominator, kind = numbers
    return AppleLoopTag(
        one_shot=kind == 1,
        beats=beats,
        meter=f"{numerator}/{denominator}",
        root_note=_NOTES[root % 12] if 0 < root < 128 else "",
        scale=_SCALES.get(scale, ""),
    )


def _apple_loop_in_caf(file: ChunkedFile) -> AppleLoopTag | None:
    texts = _caf_texts(file.chunks.get(_APPLE_LOOP, b""))
    if not texts:
        return None
    beats = texts.get("beat count", "")
    return AppleLoopTag(
        one_shot=not beats,
        beats=int(beats) if re.fullmatch(r"[0-9]{1,6}", beats) else 0,
        meter=texts.get("time signature", ""),
        root_note=texts.get("key signature", ""),
        scale=texts.get("key type", ""),
    )


def _caf_texts(data: bytes) -> dict[str, str]:
    """Return pairs of texts, each ended by a zero, behind their number."""
    texts = [_text(each) for each in data[4:].split(b"\0", 2 * 100)[:200]]
    return dict(zip(texts[::2], texts[1::2], strict=False))


def _id3(file: ChunkedFile) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    problems = []
    for chunk_id in (b"TAG", b"id3 "):  # the newer version wins
        tag = file.chunks.get(chunk_id)
        try:
            texts |= id3_texts(tag) if tag else {}
        except UnreadableTag:
            problems.append("its ID3 tag is damaged")
    return texts, problems


def _info(file: ChunkedFile) -> dict[str, str]:
    entries = split_list(file.chunks.get(b"LIST:INFO", b""), file.byte_order)
    entries += [(name, file.chunks[name]) for name in _AIFF_TEXTS if name in file.chunks]
    texts = {name.decode("latin-1"): _text(data) for name, data in entries}
    return _caf_texts(file.chunks.get(b"info", b"")) | texts


def _bext(data: bytes) -> dict[str, str]:
    fields = {"description": 256, "originator": 32, "reference": 32, "date": 10, "time": 8}
    texts = {}
    at = 0
    for name, length in fields.items():
        texts[name] = _text(data[at : at + length])
        at += length
    return {name: text for name, text in texts.items() if text}


def _ixml(data: bytes) -> dict[str, str]:
    """Return the texts of an iXML chunk; searched, not parsed: many are not well-formed."""
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    xml = data.decode(codec, "replace").rstrip("\0")
    found = dict(_XML_TEXT.findall(xml))
    for name in ("TYPE", "NAME", "VALUE"):
        found.pop(name, None)
    found |= dict(_XML_ATTRIBUTE.findall(xml))
    pairs = list(found.items())[:200]
    return {unescape(name): unescape(text).strip()[:_LONGEST_TEXT] for name, text in pairs}


def _cue_markers(file: ChunkedFile) -> Iterator[tuple[int, str]]:
    data = file.chunks.get(b"cue ", b"")
    if len(data) < 4:
        return
    count = struct.unpack_from(file.byte_order + "I", data)[0]
    labels = _cue_labels(file)
    for number in range(min(count, (len(data) - 4) // 24, _MOST_MARKERS)):
        cue, *_, frame = struct.unpack_from(file.byte_order + "II4sIII", data, 4 + 24 * number)
        yield frame, labels.get(cue, "")


def _cue_labels(file: ChunkedFile) -> dict[int, str]:
    listed = file.chunks.get(b"LIST:adtl", b"")
    return {
        struct.unpack_from(file.byte_order + "I", data)[0]: _text(data[4:])
        for kind, data in split_list(listed, file.byte_order)[:_MOST_MARKERS]
        if kind == b"labl" and len(data) >= 4
    }


def _aiff_markers(file: ChunkedFile) -> Iterator[tuple[int, str]]:
    for _, frame, label in _aiff_marks(file):
        yield frame, label


def _aiff_marks(file: ChunkedFile) -> Iterator[tuple[int, int, str]]:
    """Yield the number, frame and label of each marker of an AIFF file."""
    data = file.chunks.get(b"MARK", b"")
    at = 2
    for _ in range(_MOST_MARKERS):
        if at + 7 > len(data):
            return
        number, frame, length = struct.unpack_from(">hIB", data, at)
        yield number, frame, _text(data[at + 7 : at + 7 + length])
        at += 7 + length + (length + 1) % 2


def _text(data: bytes) -> str:
    data = data.partition(b"\0")[0][: 4 * _LONGEST_TEXT]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.strip()[:_LONGEST_TEXT]
