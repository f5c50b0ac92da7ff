"""Loops of a folder as lessons: grooves as they are cut, and sound as it is worn."""

import numpy as np
import soundfile

from engine.loops.midi import MidiNote
from engine.loops.tempo import LoopGrid
from tools.training.grooves import part_of
from tools.training.lessons import from_file
from tools.training.wear import worn

RATE = 22_050


def beats(bars, bpm):
    """Clicks on each beat, lower on the first of each bar, (frames, 1)."""
    step = round(60 / bpm * RATE)
    times = np.arange(step) / RATE
    high, low = (np.sin(2 * np.pi * hertz * times) * np.exp(-times / 0.02) for hertz in (2_000, 90))
    bar = np.concatenate([low + high, high, high, high])
    return np.tile(bar, bars)[:, None].astype(np.float32)


def test_a_groove_is_cut_where_its_first_drum_is_hit():
    hits = [MidiNote(start, 0.1, 36, 1.0) for start in (0.0, 1.0, 3.98, 5.0, 7.99, 9.0)]
    part = part_of(hits, LoopGrid(bpm=120.0, bars=1, rate=RATE), 1)
    assert [round(hit.start, 2) for hit in part] == [0.0, 1.02]


def test_worn_sound_keeps_its_length_and_is_finite():
    audio = beats(2, 100.0)
    for seed in range(30):
        made = worn(audio, RATE, np.random.default_rng(seed))
        assert made.shape == audio.shape
        assert np.isfinite(made).all()


def test_a_file_with_a_tempo_in_its_name_is_a_lesson(tmp_path):
    path = tmp_path / "beats 2 bars 100 bpm.flac"
    soundfile.write(path, beats(2, 100.0), RATE)
    lessons = from_file(path, 0)
    assert {"tempo", "bar"} == {net for net, _ in lessons}
    assert all(example.right.any() for _, example in lessons)


def test_a_file_without_a_tempo_in_its_name_is_none(tmp_path):
    soundfile.write(tmp_path / "beats.flac", beats(2, 100.0), RATE)
    assert from_file(tmp_path / "beats.flac", 0) == []
