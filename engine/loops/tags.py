"""The tags of a clip, chunk by chunk, from which DAWs read a loop's tempo, key and name.

All numbers are little-endian, except those of ID3. Sources of the layouts:
    acid        libsndfile `wav.c`, ExifTool `RIFF.pm` and JUCE `AcidChunk` agree on it
    smpl, cue   Microsoft, New Multimedia Data Types and Data Techniques 3.0 (1994)
    LIST        Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991)
    bext        EBU Tech 3285; version 1, since version 2 would have to state loudness values
    iXML        the iXML specification, with Steinberg's musical attributes
    id3         ID3v2.4.0 (id3.org), in the chunk that mutagen and mediainfo read
    comments    Xiph, Ogg Vorbis I: comment field and header specification; BPM and INITIALKEY are
                what tagging programs and DJ software write
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from html import escape

import msgspec

from engine.loops.key import Key, parse_key
from engine.loops.recipe import Recipe
from engine.loops.riff import Chunk, list_bytes
from engine.loops.tempo import LoopGrid, format_bpm

_ONE_SHOT, _ROOT_SET, _STRETCH, _DISK_BASED = 0x01, 0x02, 0x04, 0x08
_LOWEST_ROOT = 0x30


class TagFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts in the tags of one clip."""

    title: str
    comment: str
    software: str
    clip_id: str
    created: str
    """Local time, ISO 8601: `2026-01-31T20:15:00`."""
    licence: str
    role: str | None
    key: Key | None
    grid: LoopGrid


def tag_facts_of(recipe: Recipe) -> TagFacts:
    """Return the facts for the tags of a clip with this recipe."""
    licence = recipe.model.licence
    seed = "" if recipe.request.seed is None else f"seed {recipe.request.seed}"
    parts = (recipe.request.prompt, recipe.model.name, seed, licence)
    return TagFacts(
        title=recipe.title,
        comment=" | ".join(part for part in parts if part),
        software=recipe.program,
        clip_id=recipe.clip_id,
        created=recipe.created,
        licence=licence,
        role=recipe.role,
        key=parse_key(recipe.key),
        grid=recipe.grid,
    )


def acid_beats(grid: LoopGrid) -> tuple[int, bool]:
    """Return the beats (quarter notes) for acid and OSC, and whether they are whole.

    ACID derives the tempo of a loop from its beats. If they are not whole (three bars of 7/8 are
    10.5), the clip is marked as disk-based, so that readers use the tempo itself.
    """
    return round(grid.quarters), grid.quarters.denominator == 1


def tag_chunks_before_audio(facts: TagFacts) -> Iterator[Chunk]:
    """Yield the chunks between `fmt ` and `data`."""
    yield b"bext", _bext(facts)
    yield b"acid", _acid(facts)


def tag_chunks_after_audio(facts: TagFacts) -> Iterator[Chunk]:
    """Yield the chunks after `data`."""
    yield b"smpl", _smpl(facts.grid, facts.key)
    if facts.grid.is_loop:
        yield b"cue ", _cue(facts.grid)
        yield b"LIST", _cue_labels(facts.grid)
    yield b"LIST", _info(facts)
    yield b"iXML", _ixml(facts)
    yield b"id3 ", _id3(facts)


def comments(facts: TagFacts) -> list[tuple[str, str]]:
    """Return the tags as the comments of a FLAC file, each with its name."""
    named = [
        ("TITLE", facts.title),
        ("BPM", format_bpm(facts.grid.bpm)),
        ("GENRE", facts.role or "Loop"),
        ("COMMENT", facts.comment),
        ("DATE", facts.created[:10]),
        ("COPYRIGHT", facts.licence),
        ("ENCODER", facts.software),
    ]
    if facts.key is not None:
        named.append(("INITIALKEY", facts.key.short_name))
    return named


def _ascii(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size]


def _bext(facts: TagFacts) -> bytes:
    date, _, time = facts.created.partition("T")
    fields = struct.pack(
        "<256s32s32s10s8sQH",
        _ascii(facts.title, 256), b"Loopwright", _ascii(facts.clip_id, 32),
        _ascii(date, 10), _ascii(time, 8), 0, 1,
    )  # fmt: skip
    return fields + bytes(254)


def _acid(facts: TagFacts) -> bytes:
    grid, key = facts.grid, facts.key
    beats, whole = acid_beats(grid)
    flags = (_STRETCH if whole else _DISK_BASED) if grid.is_loop else _ONE_SHOT
    root = _LOWEST_ROOT
    if key is not None:
        flags |= _ROOT_SET
        root += key.pitch_class
    meter = grid.meter
    return struct.pack(
        "<IHHfIHHf",
        flags, root, 0x8000, 0.0, beats, meter.denominator, meter.numerator, grid.bpm,
    )  # fmt: skip


def _smpl(grid: LoopGrid, key: Key | None) -> bytes:
    period_ns = round(1_000_000_000 / grid.rate)
    note = 60 + (key.pitch_class if key is not None else 0)
    loops = 1 if grid.is_loop else 0
    sampler = struct.pack("<9I", 0, 0, period_ns, note, 0, 0, 0, loops, 0)
    return sampler + struct.pack("<6I", 0, 0, 0, grid.frames - 1, 0, 0) * loops


def _cue(grid: LoopGrid) -> bytes:
    frames = grid.beat_frames
    points = (
        struct.pack("<II4sIII", number, frame, b"data", 0, 0, frame)
        for number, frame in enumerate(frames, 1)
    )
    return struct.pack("<I", len(frames)) + b"".join(points)


def _cue_labels(grid: LoopGrid) -> bytes:
    beats_per_bar = grid.meter.numerator
    return list_bytes(
        b"adtl",
        (
            (b"labl", struct.pack("<I", bar * beats_per_bar + 1) + b"Bar %d\0" % (bar + 1))
            for bar in range(grid.bars)
        ),
    )


def _info(facts: TagFacts) -> bytes:
    entries = {
        b"INAM": facts.title,
        b"ICMT": facts.comment,
        b"ISFT": facts.software,
        b"ICRD": facts.created[:10],
        b"IGNR": facts.role or "Loop",
        b"ICOP": facts.licence,
    }
    if facts.key is not None:
        entries[b"IKEY"] = facts.key.short_name
    return list_bytes(
        b"INFO", ((name, text.encode("utf-8") + b"\0") for name, text in entries.items())
    )


def _ixml(facts: TagFacts) -> bytes:
    grid = facts.grid
    _, whole = acid_beats(grid)
    attributes = [
        ("float", "MusicalTempo", format_bpm(grid.bpm)),
        ("int" if whole else "float", "MusicalBeats", _decimal(grid.quarters)),
        ("string", "MusicalSignature", str(grid.meter)),
    ]
    if facts.key is not None:
        attributes.append(("string", "MusicalKey", facts.key.short_name))
    listed = "".join(
        f"<ATTR><TYPE>{kind}</TYPE><NAME>{name}</NAME><VALUE>{value}</VALUE></ATTR>"
        for kind, name, value in attributes
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>2.10</IXML_VERSION>'
        f"<PROJECT>{escape(facts.title, quote=False)}</PROJECT>"
        f"<NOTE>{escape(facts.comment, quote=False)}</NOTE>"
        "<TRACK_LIST><TRACK_COUNT>0</TRACK_COUNT></TRACK_LIST>"
        f"<STEINBERG><ATTR_LIST>{listed}</ATTR_LIST></STEINBERG></BWFXML>"
    ).encode()


def _decimal(value: Fraction) -> str:
    return f"{float(value):g}"


def _id3(facts: TagFacts) -> bytes:
    frames = [
        _id3_text("TIT2", facts.title),
        _id3_text("TBPM", format_bpm(facts.grid.bpm)),
        _id3_text("TSSE", facts.software),
        _id3_text("TCOP", facts.licence),
        _id3_text("TXXX", "clip\0" + facts.clip_id),
    ]
    if facts.key is not None:
        frames.append(_id3_text("TKEY", facts.key.short_name))
    body = b"".join(frames)
    return b"ID3\x04\x00\x00" + _synchsafe(len(body)) + body


def _id3_text(frame_id: str, text: str) -> bytes:
    data = b"\x03" + text.encode("utf-8")
    return frame_id.encode() + _synchsafe(len(data)) + b"\0\0" + data


def _synchsafe(number: int) -> bytes:
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))
