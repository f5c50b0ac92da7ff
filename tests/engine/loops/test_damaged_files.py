"""Damaged files of every format: read or refused in a sentence, with little time and memory."""

import io
import random
import resource
import struct
import time

import numpy as np
import pytest
import soundfile

from engine.loops.audio_file import read_audio
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.file_facts import read_facts
from tests.fakes.clips import clip_of, grid_of
from tests.fakes.damage import damage

NOISE = np.random.default_rng(0).uniform(-0.1, 0.1, (4_000, 2)).astype(np.float32)
SECONDS = 0.1
MEGABYTES = 64


def written(kind, subtype, title=""):
    """Return the bytes of a file that libsndfile writes."""
    data = io.BytesIO()
    channels = 1 if subtype in ("GSM610", "IMA_ADPCM") else 2
    with soundfile.SoundFile(data, "w", 48_000, channels, subtype, format=kind) as file:
        if title:
            file.title = title
        file.write(NOISE[:, :channels])
    return data.getvalue()


def with_id3(data):
    frames = {b"TIT2": "Ä loop", b"TBPM": "124", b"TKEY": "F#m"}
    body = b"".join(
        name + struct.pack(">IH", len(text.encode("utf-16")) + 1, 0) + b"\1" + text.encode("utf-16")
        for name, text in frames.items()
    )
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body + data


def with_comments(flac):
    texts = [b"BPM=124", b"INITIALKEY=F#m", "TITLE=Ä loop".encode()]
    block = struct.pack("<II", 0, len(texts))
    block += b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return flac[:42] + b"\4" + len(block).to_bytes(3, "big") + block + flac[42:]


WHOLE = {
    "clip": clip_of(grid_of("1/32", bars=1, bpm=400.0), key="F# minor"),
    "gsm": written("WAV", "GSM610"),
    "adpcm": written("WAV", "MS_ADPCM"),
    "rf64": written("RF64", "PCM_24"),
    "wave64": written("W64", "PCM_16"),
    "aiff": written("AIFF", "PCM_16", "Ä loop"),
    "caf": written("CAF", "PCM_16"),
    "alac": written("CAF", "ALAC_16"),
    "flac": with_comments(written("FLAC", "PCM_16")),
    "vorbis": written("OGG", "VORBIS", "Ä loop"),
    "opus": written("OGG", "OPUS", "Ä loop"),
    "mp3": with_id3(written("MP3", "MPEG_LAYER_III")),
}


@pytest.mark.parametrize("name", ["mp3", "flac"])
def test_tempo_key_and_title_are_read_from_text_tags(tmp_path, name):
    path = tmp_path / "sound"
    path.write_bytes(WHOLE[name])
    tags = read_facts(path).tags
    texts = tags.id3 or tags.vorbis
    assert (texts["bpm"], texts["initial_key"], texts["title"]) == ("124", "F#m", "Ä loop")


@pytest.mark.parametrize("name", ["vorbis", "opus"])
def test_ogg_comments_are_read(tmp_path, name):
    path = tmp_path / "sound"
    path.write_bytes(WHOLE[name])
    assert read_facts(path).tags.vorbis["title"] == "Ä loop"


ID3 = with_id3(b"")
CAF = WHOLE["caf"]
OPEN_SIZE = CAF.index(b"data") + 4
FORGIVEN = {
    "AIFF behind ID3": ID3 + WHOLE["aiff"],
    "FLAC behind ID3": ID3 + WHOLE["flac"],
    "Ogg behind ID3": ID3 + WHOLE["vorbis"],
    "MP3 behind ID3 and zeros": WHOLE["mp3"].replace(ID3, ID3 + bytes(1_500)),
    "MP3 behind two tags": ID3 + WHOLE["mp3"],
    "MP3 behind zeros": bytes(700) + written("MP3", "MPEG_LAYER_III"),
    "MP3 before ID3v1": WHOLE["mp3"] + b"TAG" + bytes(125),
    "AIFF before ID3v1": WHOLE["aiff"] + b"TAG" + bytes(125),
    "CAF of a stream": CAF[:OPEN_SIZE] + b"\xff" * 8 + CAF[OPEN_SIZE + 8 :],
}


@pytest.mark.parametrize("data", FORGIVEN.values(), ids=list(FORGIVEN))
def test_data_that_other_programs_put_around_the_audio_is_skipped(tmp_path, data):
    path = tmp_path / "sound"
    path.write_bytes(data)
    file = read_audio(path)
    assert len(file.audio) == file.facts.frames == len(NOISE)
    assert file.facts.problems == ()


def test_the_part_of_a_flac_file_before_the_damage_is_read(tmp_path):
    noise = np.repeat(NOISE, 20, axis=0)
    data = io.BytesIO()
    soundfile.write(data, noise, 48_000, format="FLAC")
    path = tmp_path / "cut.flac"
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    file = read_audio(path)
    assert 20_000 < len(file.audio) < 60_000
    assert np.abs(file.audio - noise[: len(file.audio)]).max() < 2**-15
    (problem,) = file.facts.problems
    assert problem.startswith("its audio is damaged after ")


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Damage a file in one to four ways, near its beginning more often than elsewhere."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(len(found), dice.choice((64, 300, 3_000, len(found)))) or 1)
        damage(found, at, dice)
    return bytes(found)


def seconds_of_work(read, path) -> float:
    """Return the processor's time that reading takes; it fails with a sentence at most."""
    sentence = "."
    began = time.thread_time()
    try:
        read(path)
    except LoopError as error:
        sentence = str(error)
    worked = time.thread_time() - began
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return worked


@pytest.mark.hold(13)
@pytest.mark.parametrize("kind", ["WAV", "W64", "AIFF"])
def test_ima_adpcm_is_refused_for_its_vulnerability_in_libsndfile(tmp_path, kind):
    path = tmp_path / "sound"
    path.write_bytes(written(kind, "IMA_ADPCM"))
    with pytest.raises(UnreadableClip, match="IMA ADPCM, which is not decoded because"):
        read_audio(path)


@pytest.mark.hold(11)
@pytest.mark.parametrize("name", WHOLE)
def test_a_damaged_file_is_read_or_refused_quickly_and_with_little_memory(tmp_path, hold, name):
    path = tmp_path / "sound"
    path.write_bytes(WHOLE[name])
    assert len(read_audio(path).audio) > 90
    count, dice, worst_s = hold.count(100, 4_000), hold.dice(), 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(count):
        path.write_bytes(damaged(WHOLE[name], dice))
        for read in (read_facts, read_audio):
            spent_s = seconds_of_work(read, path)
            if spent_s > SECONDS:  # the collector may have run: once more
                spent_s = seconds_of_work(read, path)
            worst_s = max(worst_s, spent_s)
            assert spent_s < SECONDS, (number, read.__name__)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    hold.figure(11, f"{count:,} damaged files of a format: at most {{ms:.0f}} ms, "
                    "memory +{mb:.0f} MB", ms=worst_s * 1_000, mb=grown_mb)  # fmt: skip
    assert grown_mb < MEGABYTES
