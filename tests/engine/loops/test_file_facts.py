"""What files of other programs say about themselves, and which of their faults are forgiven."""

import struct

import numpy as np
import pytest
import soundfile

from engine.loops.audio_file import look_at_audio, read_audio
from engine.loops.errors import UnreadableClip
from engine.loops.file_facts import read_facts
from engine.loops.file_tags import AppleLoopTag, LoopPoints, Marker
from engine.loops.riff import chunk_bytes, list_bytes
from tests.fakes.clips import clip_of, grid_of, recipe_of

RATE = 44_100
SAMPLES = (np.sin(np.arange(4_411) * 0.05) * 20_000).astype("<i2")
ACID = chunk_bytes(b"acid", struct.pack("<IHHfIHHf", 0, 0, 0x8000, 0.0, 8, 4, 4, 124.0))
FMT = chunk_bytes(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16))
DATA = chunk_bytes(b"data", SAMPLES.tobytes())


def riff(*chunks, size=None, magic=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


def data_of_size(size: int) -> bytes:
    return b"data" + struct.pack("<I", size) + SAMPLES.tobytes()


def ds64(audio_bytes: int) -> bytes:
    return chunk_bytes(b"ds64", struct.pack("<QQQI", 0, audio_bytes, 0, 0))


ODD_LIST = b"LIST" + struct.pack("<I", 17) + b"INFOISFT" + struct.pack("<I", 5) + b"abcde"
ODD_SMPL = b"smpl" + struct.pack("<I", 60) + struct.pack("<15I", *[0] * 3, 60, *[0] * 11)
FORGIVEN = {
    "nothing": riff(FMT, ACID, DATA),
    "sizes of a stream": riff(FMT, ACID, data_of_size(0xFFFFFFFF), size=0xFFFFFFFF),
    "sizes of zero": riff(FMT, ACID, data_of_size(0), size=0),
    "sizes of two gigabytes": riff(FMT, ACID, data_of_size(0x7FFFFFFF), size=0x7FFFFFFF),
    "sizes of sox": riff(FMT, ACID, data_of_size(0x7FFFF000), size=0x7FFFF024),
    "a stream with ID3v1 behind": riff(FMT, ACID, data_of_size(0xFFFFFFFF)) + b"TAG" + bytes(125),
    "a whole too small": riff(FMT, ACID, DATA, size=36),
    "ID3v1 behind": riff(FMT, ACID, DATA) + b"TAG" + b"x" * 125,
    "ID3v2 behind": riff(FMT, ACID, DATA) + b"ID3\x03\0\0\0\0\0\x0a" + bytes(10),
    "ID3v2 in front": b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + riff(FMT, ACID, DATA),
    "zeros behind": riff(FMT, ACID, DATA) + bytes(4_096),
    "a missing pad byte": riff(ODD_LIST, FMT, ACID, DATA),
    "a missing pad byte before a short chunk": riff(FMT, ODD_LIST, ODD_SMPL, ACID, DATA),
    "a pad byte that is not zero": riff(ODD_LIST + b"Q", FMT, ACID, DATA),
    "two pieces of audio": riff(FMT, ACID, DATA, chunk_bytes(b"data", bytes(2_000))),
    "tags behind": riff(FMT, DATA, ACID),
    "RF64": riff(ds64(SAMPLES.nbytes), FMT, ACID, data_of_size(0xFFFFFFFF), magic=b"RF64"),
    "BW64": riff(ds64(SAMPLES.nbytes), FMT, ACID, data_of_size(0xFFFFFFFF), magic=b"BW64"),
    "RF64 without a size": riff(ds64(0), FMT, ACID, data_of_size(0xFFFFFFFF), magic=b"RF64"),
}


@pytest.fixture
def written(tmp_path):
    """Call it with the bytes of a file: it returns the path of the file."""

    def write(data: bytes, name="sound.wav"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("data", FORGIVEN.values(), ids=list(FORGIVEN))
def test_quirks_of_other_programs_cost_neither_tags_nor_audio(written, data):
    file = read_audio(written(data))
    assert np.array_equal(file.audio[:, 0], SAMPLES / np.float32(32_768))
    assert (file.rate, file.facts.frames) == (RATE, len(SAMPLES))
    assert (file.facts.tags.acid.bpm, file.facts.tags.acid.beats) == (124.0, 8)
    assert file.facts.problems == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (riff(FMT, ACID, DATA)[:-500], "its audio is cut short"),
        (riff(FMT, ACID, DATA) + b"\xff\xfe\0\7junk" * 9, "it has bytes that belong to no chunk"),
        (riff(FMT, DATA, ACID, b"smpl\x99\0\0\0half"), "its 'smpl' chunk is cut short"),
        (riff(FMT, b"\1\2\3\4\5", ACID, DATA), "it has bytes that belong to no chunk"),
        (riff(FMT, chunk_bytes(b"id3 ", b"ID3\x04\0\x40\0\0\0\x20"), ACID, DATA),
         "its ID3 tag is damaged"),
    ],
)  # fmt: skip
def test_unreadable_parts_are_reported_and_the_rest_is_kept(written, data, problem):
    file = read_audio(written(data))
    assert file.facts.tags.acid.bpm == 124.0
    assert len(file.audio) > 4_000
    assert file.facts.problems == (problem,)


def test_an_id3v1_tag_after_our_clip_is_harmless(written):
    grid = grid_of(bars=1)
    path = written(clip_of(grid, key="A minor") + b"TAG" + b"A title".ljust(125, b"\0"))
    facts = look_at_audio(path)
    assert facts.recipe == recipe_of(grid, key="A minor")
    assert facts.tags.info["IKEY"] == facts.tags.id3["initial_key"] == "Am"
    assert facts.problems == ()


def test_a_damaged_recipe_loses_only_the_recipe(written):
    grid = grid_of(bars=1)
    path = written(clip_of(grid).replace(b'"format":', b'"farmot":'))
    facts = read_facts(path)
    assert facts.recipe is None
    assert facts.recipe_problem.startswith("The recipe in the file is damaged: ")
    assert facts.tags.acid.bpm == 128.0


def aiff(*chunks):
    body = b"AIFF" + b"".join(chunks)
    return b"FORM" + struct.pack(">I", len(body)) + body


def test_aiff_tags_are_read(written):
    def pascal(text):
        return bytes([len(text)]) + text + b"\0" * ((len(text) + 1) % 2)

    marks = struct.pack(">H", 2)
    marks += struct.pack(">hI", 1, 100) + pascal(b"Loop") + struct.pack(">hI", 7, 4_000) + b"\0\0"
    path = written(
        aiff(
            chunk_bytes(b"COMM", struct.pack(">hIh", 1, len(SAMPLES), 16)
                        + struct.pack(">HQ", 0x400E, RATE << 48), ">"),
            chunk_bytes(b"NAME", b"A loop", ">"),
            chunk_bytes(b"MARK", marks, ">"),
            chunk_bytes(b"INST", struct.pack(">6bh3H3H", 57, *[0] * 6, 1, 1, 7, 0, 0, 0), ">"),
            chunk_bytes(b"basc", struct.pack(">IIHHHHH", 1, 16, 54, 1, 4, 4, 0) + bytes(66), ">"),
            chunk_bytes(b"SSND", bytes(8) + SAMPLES.astype(">i2").tobytes(), ">"),
        ),
        "loop.aif",
    )  # fmt: skip
    file = read_audio(path)
    assert np.array_equal(file.audio[:, 0], SAMPLES / np.float32(32_768))
    tags = file.facts.tags
    apple = AppleLoopTag(one_shot=False, beats=16, meter="4/4", root_note="F#", scale="minor")
    assert (file.facts.format, tags.basc) == ("AIFF", apple)
    assert tags.markers == (Marker(100, "Loop"), Marker(4_000))
    assert (tags.smpl.root_note, tags.smpl.loops) == (57, (LoopPoints(100, 3_999),))
    assert tags.info == {"NAME": "A loop"}


def test_apple_loop_facts_in_caf_are_read(tmp_path):
    path = tmp_path / "loop.caf"
    soundfile.write(path, SAMPLES, RATE, format="CAF", subtype="ALAC_16")
    texts = b"beat count\x008\0time signature\x003/4\0key signature\0Bb\0key type\0major\0"
    uuid = bytes.fromhex("29819273b5bf4aefb78d62d1ef90bb2c") + struct.pack(">I", 4) + texts
    with path.open("ab") as stream:
        stream.write(struct.pack(">4sq", b"uuid", len(uuid)) + uuid)
    facts = look_at_audio(path)
    assert (facts.format, facts.bits, facts.frames) == ("CAF", "16", len(SAMPLES))
    assert facts.tags.basc == AppleLoopTag(
        one_shot=False, beats=8, meter="3/4", root_note="Bb", scale="major"
    )


def test_markers_have_their_labels(written):
    cue = struct.pack("<I", 2) + b"".join(
        struct.pack("<II4sIII", number, 0, b"data", 0, 0, 1_000 * number) for number in (1, 2)
    )
    labels = list_bytes(b"adtl", [(b"labl", struct.pack("<I", 2) + b"Verse\0")])
    path = written(riff(FMT, DATA, chunk_bytes(b"cue ", cue), chunk_bytes(b"LIST", labels)))
    assert read_facts(path).tags.markers == (Marker(1_000), Marker(2_000, "Verse"))


IXML = """<?xml version="1.0"?><BWFXML><NOTE>A &amp; B</NOTE><STEINBERG><ATTR_LIST><ATTR>
<TYPE>string</TYPE><NAME>MusicalSignature</NAME><VALUE>3/4</VALUE></ATTR></ATTR_LIST></STEINBERG>"""


@pytest.mark.parametrize("xml", [IXML.encode(), IXML.encode("utf-16"), IXML.encode() + b"</BWF"])
def test_malformed_ixml_is_read(written, xml):
    path = written(riff(FMT, DATA, chunk_bytes(b"iXML", xml)))
    assert read_facts(path).tags.ixml == {"NOTE": "A & B", "MusicalSignature": "3/4"}


REFUSED = {
    "wavpack": (b"wvpk" + bytes(60), "it is WavPack: convert it to"),
    "m4a": (bytes(4) + b"ftypM4A " + bytes(60), "it is AAC or Apple Lossless in MP4: convert it"),
    "wma": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "it is Windows Media Audio: conv"),
    "atrac": (
        riff(chunk_bytes(b"fmt ", struct.pack("<HHIIHH", 0x270, 2, RATE, 1, 384, 0)), DATA),
        "it is WAV with ATRAC3: convert it to WAV, AIFF or FLAC",
    ),
    "aac in caf": (
        b"caff\0\1\0\0" + struct.pack(">4sqd4s", b"desc", 32, 44_100.0, b"aac ") + bytes(20)
        + struct.pack(">4sq", b"data", -1) + bytes(900),
        "it is CAF with AAC: convert it",
    ),
    "half a flac": (b"fLaC" + bytes(4), "it is FLAC, but damaged"),
    "picture": (b"\x89PNG\r\n\x1a\n", "it is a picture"),
    "text": (b"Thanks for buying this pack!", "it is not an audio file"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_an_unsupported_format_is_named_in_a_sentence(written, data, reason):
    for read in (read_audio, look_at_audio):
        with pytest.raises(UnreadableClip, match=f"cannot be read as a clip: {reason}"):
            read(written(data))
