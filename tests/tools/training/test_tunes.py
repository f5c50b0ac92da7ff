"""Loops of known key for training: what is composed is in its key, and what is read is what was."""

import numpy as np
import pytest
import soundfile

from engine.loops.key import Key
from engine.loops.midi import MidiNote, MidiPart, midi_bytes
from engine.loops.source.names import name_facts
from engine.loops.tempo import LoopGrid
from tools.training.harmony import composed
from tools.training.lessons import keys_from_file
from tools.training.soundfonts import parts_of
from tools.training.tunes import from_midi

RATE = 22_050
GRID = LoopGrid(bpm=120.0, bars=2, rate=RATE)


@pytest.mark.parametrize("seed", range(40))
def test_a_composed_loop_is_in_its_key_and_within_its_length(seed):
    key, parts = composed(GRID, np.random.default_rng(seed))
    notes = [note for part in parts if not part.is_drums for note in part.notes]
    assert notes
    raised = {(key.pitch_class + 11) % 12} if key.mode == "minor" else set()
    assert {note.number % 12 for note in notes} <= key.pitches | raised
    assert all(0 <= note.start < 8 and note.length > 0 for note in notes)
    assert all(0 < note.velocity <= 1 and 20 < note.number < 108 for note in notes)


def test_parts_of_a_midi_file_are_read_as_they_were_written(tmp_path):
    line = tuple(MidiNote(float(beat), 0.5, 60 + beat, 0.5) for beat in range(4))
    chord = tuple(MidiNote(0.0, 4.0, number, 0.5) for number in (48, 52, 55))
    parts = (MidiPart("lead", line), MidiPart("keys", chord), MidiPart("kit", line, is_drums=True))
    path = tmp_path / "tune 4-4 120 bpm key Fsm.mid"
    path.write_bytes(midi_bytes("tune", GRID, None, parts))
    read = sorted(parts_of(path), key=lambda part: (part.is_drums, part.name))
    assert [(part.name, part.is_drums) for part in read] == [
        ("chords", False), ("line", False), ("line", True),
    ]  # fmt: skip
    assert [(note.start, note.number) for note in read[1].notes] == [
        (note.start, note.number) for note in line
    ]
    tune = from_midi(path, np.random.default_rng(0))
    assert (tune.key, tune.grid.bpm) == (Key("F#", "minor"), 120.0)
    assert from_midi(path.rename(tmp_path / "tune.mid"), np.random.default_rng(0)) is None


def test_a_loop_with_a_key_in_its_name_is_a_lesson_at_its_sounding_key(tmp_path):
    path = tmp_path / "chord 2 bars 120 bpm key D major.flac"
    times = np.arange(4 * RATE) / RATE
    hertz = [440 * 2 ** ((number - 69) / 12) for number in (50, 62, 66, 69)]
    sound = sum(0.1 * np.sin(2 * np.pi * each * times) for each in hertz)
    soundfile.write(path, sound, RATE)
    assert name_facts(path.name).keys[0].value == Key("D", "major")
    for number in range(2):
        examples = [example for name, example in keys_from_file(path, number) if name == "key"]
        assert [example.right.sum() for example in examples] == [1, 1, 1]
        assert {int(np.argmax(example.right)) for example in examples} <= {1, 2, 3}
    soundfile.write(tmp_path / "chord 2 bars 120 bpm.flac", sound, RATE)
    assert keys_from_file(tmp_path / "chord 2 bars 120 bpm.flac", 0) == []
