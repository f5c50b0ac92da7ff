"""Every format on the list of formats is read, as the libraries' own writers write it."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile

from engine.loops.audio_file import look_at_audio, read_audio
from engine.loops.audio_formats import AUDIO_FORMATS
from engine.loops.errors import UnreadableClip

RATE = 48_000
NOISE = np.random.default_rng(3).uniform(-0.5, 0.5, (2 * RATE, 2)).astype(np.float32)
SUBTYPES = {
    "WAV": ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "MS_ADPCM",
            "ULAW", "ALAW"),
    "WAVEX": ("PCM_16", "PCM_24", "FLOAT"),
    "RF64": ("PCM_16", "PCM_24", "FLOAT"),
    "W64": ("PCM_16", "FLOAT"),
    "AIFF": ("PCM_S8", "PCM_16", "PCM_24", "FLOAT", "ULAW"),
    "CAF": ("PCM_16", "PCM_24", "FLOAT", "ALAC_16", "ALAC_24"),
    "FLAC": ("PCM_16", "PCM_24"),
    "MP3": ("MPEG_LAYER_III",),
    "OGG": ("VORBIS", "OPUS"),
}  # fmt: skip
NAMES = {"WAVEX": "WAV", "W64": "Wave64", "OGG": "Ogg Vorbis"}


@pytest.mark.parametrize(
    ("kind", "subtype"), [(kind, each) for kind in SUBTYPES for each in SUBTYPES[kind]]
)
def test_files_written_by_libsndfile_are_read_in_full_length(tmp_path, kind, subtype):
    path = tmp_path / "sound"
    soundfile.write(path, NOISE, RATE, format=kind, subtype=subtype)
    file = read_audio(path)
    lossy_blocks = 2_100 if "ADPCM" in subtype else 0
    assert 0 <= len(file.audio) - len(NOISE) <= lossy_blocks
    assert (file.rate, file.facts.frames) == (RATE, len(file.audio))
    expected = "Opus" if subtype == "OPUS" else NAMES.get(kind, kind)
    assert file.facts.format.replace("AIFC", "AIFF") == expected
    assert look_at_audio(path) == file.facts


def test_every_format_in_the_list_is_tested_above():
    kinds = {*SUBTYPES, "Opus", "Ogg Vorbis"} - {"WAVEX", "RF64", "W64", "OGG"}
    assert set(AUDIO_FORMATS) == kinds


@pytest.mark.parametrize("subtype", ["GSM610", "G721_32", "NMS_ADPCM_16"])
def test_unseekable_codecs_are_read_to_their_true_length(tmp_path, subtype):
    path = tmp_path / "sound.wav"
    soundfile.write(path, NOISE[:, 0], RATE, subtype=subtype)
    assert read_audio(path).audio.shape == (len(NOISE), 1)


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
def test_files_written_by_scipy_are_read(tmp_path, dtype):
    scale = {"u1": 127, "i2": 2**15 - 1, "i4": 2**31 - 1}.get(dtype, 1)
    offset = 128 if dtype == "u1" else 0
    scipy.io.wavfile.write(
        tmp_path / "sound.wav", RATE, (NOISE.astype("f8") * scale + offset).astype(dtype)
    )
    audio = read_audio(tmp_path / "sound.wav").audio
    assert np.abs(audio - NOISE).max() < 2 / 127


def with_itunes_comment(mp3: bytes, delay: int, padding: int, frames: int) -> bytes:
    """Return an MP3 file without LAME's tag, and with the comment that iTunes writes."""
    first = mp3[: mp3.find(b"\xff\xfb", 4)]
    assert b"Xing" in first or b"Info" in first
    text = f" 00000000 {delay:08X} {padding:08X} {frames:016X} 00000000"
    frame = b"\0engiTunSMPB\0" + text.encode()
    body = b"COMM" + struct.pack(">IH", len(frame), 0) + frame
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body + mp3[len(first) :]


def test_the_declared_padding_of_an_mp3_is_removed(tmp_path):
    click = np.zeros((RATE, 1), np.float32)
    click[4_800:4_900] = 0.5
    written = io.BytesIO()
    soundfile.write(written, click, RATE, format="MP3")
    lame = tmp_path / "lame.mp3"
    lame.write_bytes(written.getvalue())
    itunes = tmp_path / "itunes.mp3"
    itunes.write_bytes(with_itunes_comment(written.getvalue(), 576, 0, RATE))
    bare = len(soundfile.read(itunes)[0])
    assert bare > RATE
    for path in (lame, itunes):
        file = read_audio(path)
        assert (len(file.audio), file.facts.frames) == (RATE, RATE)
        assert abs(int(np.argmax(np.abs(file.audio[:, 0]) > 0.2)) - 4_800) < 8


def test_of_a_very_long_file_only_the_loudest_two_minutes_take_memory(tmp_path):
    path, minute_bytes = tmp_path / "long.wav", 60 * RATE * 4
    facts = struct.pack("<IHHIIHH", 16, 1, 2, RATE, 4 * RATE, 4, 16)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 22 * minute_bytes + 36) + b"WAVE")
        file.write(b"fmt " + facts + b"data" + struct.pack("<I", 22 * minute_bytes))
        for minute, level, minutes in ((1, 1, 2), (20, 300, 2)):  # the rest is no work for a disk
            file.seek(44 + minute * minute_bytes)
            file.write(np.full(minutes * minute_bytes // 2, level, "<i2").tobytes())
    pieces = []
    tracemalloc.start()
    try:
        file = read_audio(path, lambda: pieces.append(1))
        audio = file.audio
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert audio.shape == (120 * RATE, 2)
    assert np.unique(audio).tolist() == [np.float32(300 / 2**15)]
    assert file.begins_s == 20 * 60
    assert peak < 3 * audio.nbytes
    assert np.unique(read_audio(path, start_s=60.0).audio).tolist() == [np.float32(1 / 2**15)]
    assert len(pieces) > 100


def test_too_many_channels_are_refused(tmp_path):
    path = tmp_path / "wide.flac"
    soundfile.write(path, np.ones((96_000, 8), np.int16), 96_000, format="FLAC")
    data = bytearray(path.read_bytes())
    facts = int.from_bytes(data[18:26], "big")  # in the last 36 bits, the number of frames
    data[18:26] = ((facts >> 36 << 36) | 3_500 * 96_000).to_bytes(8, "big")
    path.write_bytes(data)
    with pytest.raises(UnreadableClip, match="of 8 channels, which is too much: cut out"):
        read_audio(path)


def test_the_true_length_of_a_truncated_mp3_is_known_once_it_is_read(tmp_path):
    path = tmp_path / "cut.mp3"
    soundfile.write(path, NOISE, RATE, format="MP3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    file = read_audio(path)
    assert 0 < file.facts.frames == len(file.audio) < 0.6 * len(NOISE)
