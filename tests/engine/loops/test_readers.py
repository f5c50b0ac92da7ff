"""Programs that we did not write read our clips, and agree on them."""

import json
import re
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import soundfile

from engine.loops.chunks import read_chunks, split_list
from tests.fakes.clips import CLIP_ID, clip_of, grid_of

CLIPS = {
    "four four": (grid_of(), {"key": "A minor"}),
    "16 bit, 44.1 kHz, no key": (grid_of(bpm=93.5, rate=44_100), {"bits": "16"}),
    "float, 96 kHz": (grid_of(bpm=174.25, rate=96_000, bars=1), {"key": "F# minor", "bits": "32f"}),
    "10.5 beats": (grid_of("7/8", bars=3), {"key": "Eb major"}),
    "waltz": (grid_of("3/4", bars=8, bpm=181.8182), {"key": "D dorian", "role": None}),
    "6/8 at 88.2 kHz": (grid_of("6/8", bars=1, rate=88_200), {"key": "C harmonic minor"}),
    "one-shot": (grid_of(seconds=0.75), {"key": "G major"}),
    "one-shot, float, no key": (grid_of(seconds=1.01, rate=44_100), {"bits": "32f"}),
    "umlauts": (grid_of(bars=1), {"title": "Trömmel für Élise", "key": "Bb minor"}),
    "emoji and right to left": (grid_of(bars=1), {"title": "🥁 טמבור & <bass>"}),
    "odd title": (grid_of(bars=1, bpm=93.3333), {"title": "odd"}),
}
SHORT_KEYS = {
    "A minor": "Am", "F# minor": "F#m", "Eb major": "Eb", "D dorian": "Dm",
    "C harmonic minor": "Cm", "G major": "G", "Bb minor": "Bbm",
}  # fmt: skip


@pytest.fixture(params=CLIPS, ids=list(CLIPS))
def clip(request, tmp_path):
    """Return the grid, the options and the path of a written clip."""
    grid, options = CLIPS[request.param]
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid, **options))
    return grid, options, path


def output_of(*command) -> str:
    result = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return result.stdout.decode("utf-8")


def quarters_of(grid) -> int:
    return round(grid.quarters)


def test_exiftool_reads_format_acid_loop_and_tags(clip, program):
    grid, options, path = clip
    exiftool = program("exiftool", "libimage-exiftool-perl")
    (read,) = json.loads(output_of(exiftool, "-j", "-G", "-charset", "riff=utf8", path))
    assert read["RIFF:SampleRate"] == grid.rate
    assert read["RIFF:NumChannels"] == 2
    assert read["RIFF:BitsPerSample"] == int(options.get("bits", "24").rstrip("f"))
    assert read["RIFF:Tempo"] == pytest.approx(grid.bpm, rel=1e-6)
    assert read["RIFF:Meter"] == str(grid.meter)
    assert read["RIFF:Beats"] == quarters_of(grid)
    assert read["RIFF:NumSampleLoops"] == (1 if grid.is_loop else 0)
    assert read["RIFF:OriginatorReference"] == CLIP_ID
    title = options.get("title", "Warm bass")
    assert str(read["RIFF:Title"]) == title
    assert str(read["ID3:Title"]) == title
    assert str(read["XML:BwfxmlProject"]) == title
    assert read["ID3:BeatsPerMinute"] == pytest.approx(grid.bpm)
    assert read.get("ID3:InitialKey") == SHORT_KEYS.get(options.get("key"))
    assert read.get("RIFF:Keywords") == SHORT_KEYS.get(options.get("key"))
    assert "ExifTool:Warning" not in read
    assert "ExifTool:Error" not in read


def test_exiftool_reads_the_flags_that_make_a_loop_a_loop(clip, program):
    grid, options, path = clip
    exiftool = program("exiftool", "libimage-exiftool-perl")
    (read,) = json.loads(output_of(exiftool, "-j", "-n", "-AcidizerFlags", "-RootNote", path))
    whole = grid.quarters.denominator == 1
    expected = (0x04 if whole else 0x08) if grid.is_loop else 0x01
    expected |= 0x02 if options.get("key") else 0
    assert read["AcidizerFlags"] == expected


def test_sndfile_info_reads_format_acid_loop_and_cues(clip, program):
    grid, options, path = clip
    text = output_of(program("sndfile-info", "sndfile-programs"), path)
    fields = {
        name.strip(): value.strip()
        for name, _, value in (line.partition(":") for line in reversed(text.splitlines()))
    }
    assert fields["Sample Rate"] == str(grid.rate)
    assert fields["Frames"] == str(grid.frames)
    assert float(fields["Tempo"]) == pytest.approx(grid.bpm, rel=1e-6)
    assert fields["Meter"] == str(grid.meter)
    assert fields["Beats"] == str(quarters_of(grid))
    assert fields["Loop Count"] == ("1" if grid.is_loop else "0")
    if grid.is_loop:
        end = re.search(r"Start :\s+0\s+End :\s+(\d+)\s+Fraction :\s+0\s+Count :\s+0", text)
        assert int(end[1]) == grid.frames - 1
        assert fields["Count"] == str(len(grid.beat_frames))
        # It knows the first nine cues only, and the labels of those.
        first_cues = [bar * grid.meter.numerator + 1 for bar in range(grid.bars)]
        assert text.count("labl :") == sum(cue < 10 for cue in first_cues)
    assert f"INAM : {options.get('title', 'Warm bass')}\n" in text
    assert "Error" not in text


def test_mediainfo_reads_format_tempo_and_key(clip, program):
    grid, options, path = clip
    mediainfo = program("mediainfo", "mediainfo")
    tracks = json.loads(output_of(mediainfo, "--Output=JSON", path))["media"]["track"]
    general, audio = tracks
    assert audio["SamplingRate"] == str(grid.rate)
    assert audio["BitDepth"] == options.get("bits", "24").rstrip("f")
    assert audio["SamplingCount"] == str(grid.frames)
    assert audio.get("Format_Profile") == ("Float" if options.get("bits") == "32f" else None)
    assert float(general["BPM"]) == grid.bpm
    assert general["extra"].get("Initial_key") == SHORT_KEYS.get(options.get("key"))
    assert options.get("title", "Warm bass") in (general.get("Track"), general.get("Title"))
    assert "LUFS" not in json.dumps(tracks)


def test_soundfile_reads_the_format(clip):
    grid, options, path = clip
    found = soundfile.info(path)
    assert (found.samplerate, found.channels, found.frames) == (grid.rate, 2, grid.frames)
    subtypes = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
    assert found.subtype == subtypes[options.get("bits", "24")]


def test_the_ixml_is_well_formed_and_has_tempo_beats_meter_and_key(clip):
    grid, options, path = clip
    with path.open("rb") as stream:
        chunks = read_chunks(stream).chunks
    root = ET.fromstring(chunks[b"iXML"])
    attributes = {each.findtext("NAME"): each.findtext("VALUE") for each in root.iter("ATTR")}
    assert float(attributes["MusicalTempo"]) == grid.bpm
    assert float(attributes["MusicalBeats"]) == pytest.approx(float(grid.quarters), rel=1e-5)
    assert attributes["MusicalSignature"] == str(grid.meter)
    assert attributes.get("MusicalKey") == SHORT_KEYS.get(options.get("key"))
    assert root.findtext("PROJECT") == options.get("title", "Warm bass")


def test_each_beat_has_a_cue_and_each_bar_a_label(tmp_path):
    grid = grid_of("7/8", bars=3)
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid))
    with path.open("rb") as stream:
        chunks = read_chunks(stream).chunks
    points = np.frombuffer(chunks[b"cue "][4:], dtype="<u4").reshape(-1, 6)
    assert list(points[:, 0]) == list(range(1, 22))
    assert list(points[:, 5]) == grid.beat_frames
    labels = [data for _, data in split_list(chunks[b"LIST:adtl"])]
    assert labels == [
        b"\x01\0\0\0Bar 1\0",
        b"\x08\0\0\0Bar 2\0",
        b"\x0f\0\0\0Bar 3\0",
    ]
