"""Any audio as a source: known by its tags, or heard."""

import numpy as np
import pytest
import soundfile

from benchmarks.craft.takes import known_loops
from engine.craft.sources import source_of
from engine.loops.audio_file import read_audio
from engine.loops.errors import LoopError, UnreadableClip
from engine.loops.measure import seam
from engine.loops.source.facts import Origin
from tests.fakes.grooves import groove

RATE = 44_100


@pytest.mark.parametrize("bpm", [97.0, 120.0, 133.3])
def test_minutes_of_audio_become_a_loop_of_whole_bars_at_the_detected_tempo(bpm):
    found = source_of(groove(bpm, 60), RATE, "groove.wav", bars=4)
    assert found.facts.bpm.origin is Origin.DETECTED
    assert found.grid.bpm == pytest.approx(bpm, rel=1e-3)
    assert (found.grid.bars, len(found.audio)) == (4, found.grid.frames)
    assert seam(found.audio) < 1.5


def test_a_file_that_is_a_loop_already_is_neither_cut_nor_turned():
    loop = groove(97, 40)[round(20 * 240 / 97 * RATE / 8) :][: round(4 * 240 / 97 * RATE)]
    found = source_of(loop, RATE, "loop.wav")
    np.testing.assert_array_equal(found.audio, loop)
    assert found.grid.bpm == pytest.approx(97, rel=1e-5)
    assert found.grid.bars == 4


@pytest.mark.parametrize("role", ["drums", "full mix", "pad", "lead"])
def test_an_untagged_loop_of_whole_bars_at_a_written_tempo_is_taken_as_it_is(role):
    right = 0
    for loop in known_loops(6, (role,), first_seed=71_000):
        found = source_of(loop.audio, loop.grid.rate, "loop.wav")
        np.testing.assert_array_equal(found.audio, loop.audio)
        # Four bars at 81 BPM are eight at 162, too: a pad may be either, as sound is rounded.
        assert found.grid.bpm / loop.grid.bpm == found.grid.bars / loop.grid.bars
        right += found.grid.bars == loop.grid.bars
    assert right >= (5 if role == "pad" else 6)


def test_audio_that_is_not_whole_bars_to_the_frame_is_cut():
    (loop,) = known_loops(1, ("drums",), first_seed=71_000)
    longer = np.concatenate([loop.audio, loop.audio[:40_000]])
    found = source_of(longer, loop.grid.rate, "take.wav")
    assert found.grid.bpm == pytest.approx(loop.grid.bpm, rel=1e-3)
    assert len(found.audio) == found.grid.frames < len(longer)


def test_a_cut_from_a_minute_of_audio_keeps_the_detected_tempo():
    """A minute is 30 bars at 120 BPM, but this groove is not at 120."""
    found = source_of(groove(120.3, 60), RATE, "groove.wav", bars=4)
    assert found.grid.bpm == pytest.approx(120.3, rel=5e-4)


def test_of_a_long_source_the_loudest_two_minutes_are_analysed():
    quiet, loud = 0.1 * groove(90, 100, 8_000), groove(120, 130, 8_000)
    found = source_of(np.concatenate([quiet, loud, quiet]), 8_000, "song.wav", bars=4)
    assert found.grid.bpm == pytest.approx(120, rel=1e-3)
    assert np.abs(found.audio).max() > 0.3


def test_without_a_wish_as_many_bars_as_fit_are_taken():
    assert source_of(groove(120, 21), RATE, "a.wav").grid.bars == 8
    assert source_of(groove(120, 5), RATE, "a.wav").grid.bars == 2


def test_too_short_a_source_is_refused_in_a_sentence():
    with pytest.raises(LoopError, match=r"'a.wav' lasts 0\.6 s, too short for a bar"):
        source_of(groove(120, 0.6, first_s=0.0), RATE, "a.wav", bars=4)


@pytest.mark.parametrize(
    ("name", "rate"), [("a.wav", 8_000), ("a.aiff", 22_050), ("a.flac", 96_000), ("a.ogg", 48_000)]
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_files_of_all_kinds_are_read(tmp_path, name, rate, channels):
    audio = np.repeat(groove(120, 2, rate), channels, axis=1)
    soundfile.write(tmp_path / name, audio, rate)
    read = read_audio(tmp_path / name)
    assert (read.rate, read.audio.shape) == (rate, (len(audio), min(channels, 2)))
    assert read.audio.dtype == np.float32


def test_what_is_no_audio_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UnreadableClip, match="no such file"):
        read_audio(tmp_path / "missing.wav")
    with pytest.raises(UnreadableClip, match="it is a folder"):
        read_audio(tmp_path)
    text = tmp_path / "text.wav"
    text.write_bytes(b"RIFF....WAVEhello")
    with pytest.raises(UnreadableClip, match="it has no format or no audio"):
        read_audio(text)
    soundfile.write(tmp_path / "silent.wav", np.zeros((100, 1)), RATE)
    with pytest.raises(UnreadableClip, match="silent"):
        read_audio(tmp_path / "silent.wav")
