"""The composer: rhythm, harmony and parts in musical time."""

import itertools

import numpy as np
import pytest

from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.harmony import chord_on, progression, voicing
from engine.generators.sketch.lead import lead_notes
from engine.generators.sketch.parts import bass_notes, chord_notes
from engine.generators.sketch.rhythm import drum_strokes, percussion_strokes
from engine.generators.sketch.score import bar_of, swung
from engine.generators.sketch.styles import STYLES
from engine.loops.key import Key
from engine.loops.request import LoopRequest
from engine.loops.tempo import Meter

METERS = ["4/4", "3/4", "6/8", "5/4", "7/8", "12/8", "2/4", "5/8", "1/4", "7/16", "5/32", "32/1"]


def brief(prompt, seed=5, **fields):
    return read_brief(LoopRequest(prompt=prompt, **fields), seed)


@pytest.mark.parametrize("meter", METERS)
def test_the_steps_fill_a_bar_of_any_meter(meter):
    parsed = Meter.parse(meter)
    bar = bar_of(parsed)
    assert bar.quarters == float(parsed.bar_quarters)
    assert bar.beats[0] == 0
    assert all(0 <= place < 16 for place in bar.places)


def test_the_beat_groups_of_a_meter_are_the_usual_ones():
    assert bar_of(Meter(4, 4)).beats == (0, 4, 8, 12)
    assert bar_of(Meter(4, 4)).places == tuple(range(16))
    assert bar_of(Meter(6, 8)).beats == (0, 6)
    assert bar_of(Meter(7, 8)).beats == (0, 4, 8)
    assert bar_of(Meter(3, 4)).beats == (0, 4, 8)


def test_swing_moves_only_the_second_half_of_each_pair():
    assert swung(0.0, 0.6, 0.5) == 0.0
    assert swung(0.25, 0.6, 0.5) == pytest.approx(0.3)
    assert swung(0.5, 0.6, 0.5) == pytest.approx(0.5)
    assert swung(1.75, 2 / 3, 0.5) == pytest.approx(1.5 + 1 / 3)
    assert swung(1.2345, 0.5, 0.5) == pytest.approx(1.2345)


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("style", ["house", "jazz", "trap", "cinematic"])
def test_strokes_are_inside_the_loop(style, meter):
    told = brief(f"{style} drums", meter=meter, bars=3, bpm=400.0)
    strokes = drum_strokes(told, 3, 1) + percussion_strokes(told, 3, 1)
    assert strokes
    assert all(0 <= stroke.start < float(told.grid.quarters) for stroke in strokes)
    assert all(0 < stroke.velocity <= 1 for stroke in strokes)


def test_four_on_the_floor_has_a_kick_on_every_beat_for_every_seed():
    for seed in range(20):
        kicks = {s.start for s in drum_strokes(brief("house drums"), 4, seed) if s.voice == "kick"}
        assert kicks >= {float(beat) for beat in range(16)}


def test_half_time_puts_the_backbeat_on_three():
    strokes = drum_strokes(brief("half-time rock drums"), 4, 3)
    snares = [
        s.start % 4 for s in strokes if s.voice == "snare" and s.velocity > 0.7 and s.start < 8
    ]
    assert snares
    assert all(start == 2.0 for start in snares)


def test_a_lazy_backbeat_comes_late_and_a_robotic_one_on_time():
    def lateness(prompt):
        strokes = drum_strokes(brief(prompt), 4, 3)
        return np.mean([s.late_s for s in strokes if s.voice in ("snare", "clap")])

    assert lateness("lazy house drums") > lateness("house drums") + 0.01


def test_a_fill_ends_the_last_bar():
    strokes = drum_strokes(brief("rock drums"), 4, 3)
    fill = [s for s in strokes if s.voice.startswith(("tom", "snare")) and s.start >= 15]
    usual = [s for s in strokes if s.voice.startswith(("tom", "snare")) and 11 <= s.start < 12]
    assert len(fill) > len(usual)


@pytest.mark.parametrize("prompt", ["no snare rock drums", "kick only"])
def test_only_requested_parts_are_played(prompt):
    voices = {stroke.voice for stroke in drum_strokes(brief(prompt), 4, 3)}
    assert voices
    assert "snare" not in voices


@pytest.mark.parametrize("mode", ["major", "minor", "dorian", "phrygian", "harmonic minor"])
@pytest.mark.parametrize("style", STYLES)
def test_every_part_stays_in_the_key(style, mode):
    told = brief(f"{style} full mix", key=f"F# {mode}")
    scale = {(6 + step) % 12 for step in told.key.steps}
    chords = progression(told, 4, 4.0, 2)
    assert chords[0].start == 0
    for notes in (chord_notes(told, chords, 2), lead_notes(told, chords, 2),
                  chord_notes(told, chords, 2, "pad")):  # fmt: skip
        assert notes
        assert {note.midi % 12 for note in notes} <= scale
    bass = bass_notes(told, chords, 2)
    inside = [note.midi % 12 in scale for note in bass]
    assert np.mean(inside) > 0.8, "only leading notes to the next root may leave the scale"


def test_chords_are_stacked_thirds_of_the_scale():
    assert chord_on(Key("C", "major"), 5, 4) == (7, 11, 2, 5)
    assert chord_on(Key("A", "minor"), 1, 3) == (9, 0, 4)


def test_voice_leading_moves_less_than_root_position_would():
    told = brief("house chords in C minor")
    led, plain = [], []
    for seed in range(12):
        chords = progression(told, 4, 4.0, seed)
        previous = None
        for first, second in itertools.pairwise(chords):
            previous = voicing(first, previous, 52, 76, 4)
            following = voicing(second, previous, 52, 76, 4)
            led.append(_movement(previous, following))
            plain.append(_movement(_root_position(first), _root_position(second)))
    assert np.mean(led) < 0.75 * np.mean(plain)


def _root_position(chord):
    notes = [60 + chord.pitches[0] % 12]
    for pitch in chord.pitches[1:4]:
        notes.append(notes[-1] + (pitch - notes[-1]) % 12)
    return notes


def _movement(first, second):
    return np.mean([min(abs(note - other) for other in first) for note in second])


def test_the_bass_plays_low_roots():
    told = brief("house full mix in C minor")
    chords = progression(told, 4, 4.0, 2)
    for number, chord in enumerate(chords):
        bar = [n for n in bass_notes(told, chords, 2) if 4 * number <= n.start < 4 * number + 4]
        assert any(note.midi % 12 == chord.root for note in bar)
        assert all(24 <= note.midi <= 60 for note in bar)
