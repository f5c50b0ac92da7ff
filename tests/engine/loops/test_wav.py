import os
import random
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.chunks import LARGEST_TAG_BYTES
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.file_facts import read_facts, read_recipe
from engine.loops.file_tags import LoopPoints
from engine.loops.key import Key
from engine.loops.riff import chunk_bytes, riff_bytes
from engine.loops.tags import tag_facts_of
from engine.loops.tempo import METER_DENOMINATORS, RATES, Meter
from engine.loops.wav import clip_bytes, clip_pieces, pcm_bytes
from tests.fakes.clips import clip_of, grid_of, noise_on, recipe_of, tags_of
from tests.fakes.damage import damage

EDGES = np.array(
    [[0.0, -0.0], [1.0, -1.0], [0.5, -0.5], [2.0, -3.0], [2**-23, -(2**-23)], [2**-25, 1e-30]],
    dtype=np.float32,
)


@pytest.fixture
def written(tmp_path):
    """Call it with the bytes of a file: it returns the path of the file."""

    def write(data: bytes):
        path = tmp_path / "clip.wav"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("rate", RATES)
def test_24_bit_audio_is_read_by_soundfile_bit_for_bit(written, rate):
    grid = grid_of(bars=1, rate=rate)
    audio = noise_on(grid)
    audio[: len(EDGES)] = EDGES
    read, _ = soundfile.read(written(clip_of(grid, audio=audio)), dtype="int32", always_2d=True)
    exact = [round(float(sample) * 2**23) for sample in audio[:2000].ravel()]
    expected = np.clip(exact, -(2**23), 2**23 - 1).reshape(-1, 2)
    assert np.array_equal(read[:2000] >> 8, expected)
    assert not (read & 0xFF).any()
    full_scale = np.abs(audio) >= 1
    error = np.abs(read / 2**31 - audio)[~full_scale]
    assert error.max() <= 0.5 / 2**23


def test_float_audio_is_read_by_soundfile_bit_for_bit(written):
    grid = grid_of(bars=1)
    audio = noise_on(grid)
    audio[: len(EDGES)] = EDGES
    read, _ = soundfile.read(written(clip_of(grid, bits="32f", audio=audio)), dtype="float32")
    assert read.tobytes() == audio.tobytes()


def test_16_bit_audio_has_triangular_dither_of_two_steps(written):
    grid = grid_of(bars=1)
    audio = noise_on(grid)
    read, _ = soundfile.read(written(clip_of(grid, bits="16", audio=audio)), dtype="int16")
    error = read - audio.astype(np.float64) * 32768
    assert np.abs(error).max() <= 1.5
    # Triangular noise of variance 1/6 and rounding of 1/12 make 1/4 of a step squared.
    assert error.var() == pytest.approx(0.25, rel=0.02)
    assert abs(error.mean()) < 0.01
    correlation = np.corrcoef(error[:, 0], audio[:, 0])[0, 1]
    assert abs(correlation) < 0.02


def test_a_long_clip_is_written_in_pieces_with_little_memory():
    grid = grid_of(seconds=60.0)
    audio = np.zeros((grid.frames, 2), np.float32)
    recipe = recipe_of(grid)
    tracemalloc.start()
    try:
        for bits in ("16", "24", "32f"):
            for _ in clip_pieces(audio, bits, tag_facts_of(recipe), recipe):
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < audio.nbytes


def test_dither_in_pieces_is_that_of_all_samples_at_once():
    audio = np.zeros((2**18 + 3, 1), np.float32)
    noise = np.random.default_rng(5).random((2, *audio.shape), dtype=np.float32)
    whole = np.rint(noise[0] - noise[1]).astype("<i2").tobytes()
    assert pcm_bytes(audio, "16", 5) == whole


def test_dither_follows_the_seed():
    audio = noise_on(grid_of(bars=1))
    assert pcm_bytes(audio, "16", 1) == pcm_bytes(audio, "16", 1)
    assert pcm_bytes(audio, "16", 1) != pcm_bytes(audio, "16", 2)


@pytest.mark.parametrize("bits", ["16", "24"])
def test_audio_beyond_full_scale_is_clipped_and_never_wraps(bits):
    audio = np.array([[5.0, -5.0], [1.0, -1.0]], dtype=np.float32)
    size = int(bits) // 8
    data = pcm_bytes(audio, bits)
    samples = [
        int.from_bytes(data[start : start + size], "little", signed=True)
        for start in range(0, len(data), size)
    ]
    assert samples[:2] == [2 ** (size * 8 - 1) - 1, -(2 ** (size * 8 - 1))]
    assert samples[2] > 2 ** (size * 8 - 1) - 4
    assert samples[3] < -(2 ** (size * 8 - 1)) + 4


@pytest.mark.parametrize("channels", [1, 2])
def test_mono_and_stereo_are_interleaved(written, channels):
    grid = grid_of(seconds=0.01)
    audio = noise_on(grid, channels=channels)
    path = written(clip_of(grid, bits="32f", audio=audio))
    read, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.array_equal(read, audio)


@given(
    st.integers(600_000, 4_000_000).map(lambda n: n / 10_000),
    st.builds(Meter, st.integers(1, 9), st.sampled_from(METER_DENOMINATORS[2:])),
    st.integers(1, 2),
    st.sampled_from(["16", "24", "32f"]),
    st.sampled_from([None, "F# minor", "Eb major", "D dorian"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
)
def test_written_files_are_read_back(tmp_path_factory, bpm, meter, bars, bits, key, title):
    grid = grid_of(str(meter), bpm=bpm, bars=bars)
    audio = np.zeros((grid.frames, 2), dtype=np.float32)
    path = tmp_path_factory.mktemp("clip") / "clip.wav"
    path.write_bytes(clip_of(grid, bits=bits, key=key, title=title, audio=audio))
    facts = read_facts(path)
    path.unlink()
    assert (facts.rate, facts.channels, facts.bits) == (grid.rate, 2, bits)
    assert facts.frames == grid.frames
    assert facts.recipe == recipe_of(grid, key=key, title=title, bits=bits)
    assert facts.tags.acid.bpm == pytest.approx(bpm, rel=1e-6)
    assert facts.tags.acid.meter == str(meter)
    assert facts.tags.acid.one_shot is False
    assert facts.tags.acid.root_note == (None if key is None else Key.parse(key).pitch_class)
    assert facts.tags.smpl.loops == (LoopPoints(0, grid.frames - 1),)
    assert [marker.frame for marker in facts.tags.markers] == grid.beat_frames
    assert facts.tags.info["INAM"] == facts.tags.id3["title"] == title.strip()


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
def test_files_of_other_programs_are_read_too(tmp_path, subtype):
    path = tmp_path / "other.wav"
    soundfile.write(path, np.zeros((100, 1)), 22_050, subtype=subtype)
    facts = read_facts(path)
    assert (facts.rate, facts.channels, facts.frames) == (22_050, 1, 100)
    assert facts.bits == {"PCM_16": "16", "PCM_24": "24", "FLOAT": "32f", "PCM_U8": "8"}[subtype]
    assert facts.recipe is None
    with pytest.raises(UnreadableClip, match="it has no recipe, so Loopwright did not make it"):
        read_recipe(path)


def test_the_extensible_format_gives_the_sample_type(tmp_path):
    path = tmp_path / "other.wav"
    soundfile.write(path, np.zeros((100, 2)), 48_000, format="WAVEX", subtype="FLOAT")
    assert read_facts(path).bits == "32f"


FMT = chunk_bytes(b"fmt ", struct.pack("<HHIIHH", 1, 2, 48_000, 192_000, 4, 16))
DATA = chunk_bytes(b"data", bytes(400))
BAD_FILES = {
    "empty": (b"", "it is not an audio file"),
    "text": (b"hello, this is no audio at all", "it is not an audio file"),
    "a RIFF of another kind": (b"RIFF\x04\0\0\0AVI ", "it is a video"),
    "no chunks": (b"RIFF\x04\0\0\0WAVE", "it has no format or no audio"),
    "no audio": (b"RIFF\x04\0\0\0WAVE" + FMT, "it has no format or no audio"),
    "no format": (b"RIFF\x04\0\0\0WAVE" + DATA, "it has no format or no audio"),
    "empty format": (
        riff_bytes(b"WAVE", [(b"fmt ", bytes(16)), (b"data", b"")]),
        "its format is empty",
    ),
    "too many chunks": (
        b"RIFF\0\0\0\0WAVE" + chunk_bytes(b"junk", b"") * 5_000,
        "it has no format or no audio",
    ),
}


@pytest.mark.parametrize(("data", "reason"), BAD_FILES.values(), ids=list(BAD_FILES))
def test_foreign_files_are_refused_in_one_sentence(written, data, reason):
    path = written(data)
    with pytest.raises(UnreadableClip) as caught:
        read_facts(path)
    assert str(caught.value) == f"{path} cannot be read as a clip: {reason}."


def test_a_missing_file_and_a_folder_are_refused_in_one_sentence(tmp_path):
    for path, reason in ((tmp_path / "none.wav", "no such file"), (tmp_path, "it is a folder")):
        with pytest.raises(UnreadableClip, match=f"cannot be read as a clip: {reason}"):
            read_facts(path)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Damage a file in one to four ways, near its chunk headers more often than elsewhere."""
    damaged = bytearray(data)
    places = [0, 4, 8]
    position = 12
    while position + 8 <= len(data):
        places += [position, position + 4, position + 8]
        position += 8 + struct.unpack_from("<I", data, position + 4)[0]
        position += position % 2
    for _ in range(dice.randint(1, 4)):
        at = dice.choice(places) + dice.randint(0, 40) if dice.random() < 0.7 else 0
        at = at if 0 < at < len(damaged) else dice.randrange(max(1, len(damaged)))
        damage(damaged, at, dice)
    return bytes(damaged)


@pytest.mark.hold(11)
def test_damaged_files_are_read_or_refused(written, hold):
    grids = (grid_of(seconds=0.01), grid_of("1/32", bars=1, bpm=400.0), grid_of("7/32", bars=1))
    originals = [
        clip_of(grid, key="F# minor", bits=bits) for grid in grids for bits in ("16", "32f")
    ]
    count, dice = hold.count(1_000, 10_000), hold.dice()
    refused = []
    tracemalloc.start()
    try:
        for number in range(count):
            path = written(mutated(dice.choice(originals), dice))
            try:
                facts = read_facts(path)
            except LoopError as error:
                refused.append(str(error))
            else:
                assert facts.recipe is None or facts.recipe.grid.frames > 0, number
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    hold.figure(11, f"{count:,} damaged clips: {len(refused):,} refused, others read")
    assert 0.2 * count < len(refused) < count
    assert all(each.endswith(".") and "\n" not in each for each in refused)
    assert peak_bytes < 64 * 2**20


def test_a_file_of_many_large_chunks_is_read_with_little_memory(tmp_path):
    path = tmp_path / "large.wav"
    with path.open("wb") as stream:
        stream.write(b"RIFF\0\0\0\0WAVE" + FMT)
        for number in range(60):
            stream.write(struct.pack("<4sI", b"%04d" % number, LARGEST_TAG_BYTES // 2))
            stream.seek(LARGEST_TAG_BYTES // 2, os.SEEK_CUR)
        stream.write(DATA)
    tracemalloc.start()
    try:
        assert read_facts(path).frames == 100
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * LARGEST_TAG_BYTES


def test_the_audio_of_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "long.wav"
    with path.open("wb") as stream:
        stream.write(b"RIFF\0\0\0\0WAVE" + FMT + struct.pack("<4sI", b"data", 2**30))
        stream.truncate(stream.tell() + 2**30)
    tracemalloc.start()
    try:
        assert read_facts(path).frames == 2**28
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2**20


def test_a_clip_has_the_same_bytes_every_time():
    grid = grid_of(bars=1)
    first = clip_bytes(noise_on(grid), "16", tags_of(grid), recipe_of(grid))
    assert first == clip_bytes(noise_on(grid), "16", tags_of(grid), recipe_of(grid))
