"""Standard MIDI files, read back by the library's own reader and byte by byte."""

import io

import mido
import pytest

from engine.loops.edits import NONE, Edits
from engine.loops.key import Key, parse_key
from engine.loops.midi import MidiNote, MidiPart, cut_parts, midi_bytes
from tests.fakes.clips import grid_of

TICKS = 960
BASS = MidiPart("bass", (MidiNote(0.0, 1.0, 36, 0.5), MidiNote(2.5, 0.25, 43, 1.0)))


def read(data):
    return mido.MidiFile(file=io.BytesIO(data), charset="utf-8", clip=False)


def placed(track):
    """Return the notes of a track: start, length, number, velocity; it must be well formed."""
    at, sounding, found = 0, {}, []
    for message in track:
        at += message.time
        if message.type == "note_on":
            assert message.note not in sounding
            sounding[message.note] = at, message.velocity
        elif message.type == "note_off":
            start, velocity = sounding.pop(message.note)
            found.append((start, at - start, message.note, velocity))
    assert not sounding
    return sorted(found), at


def of_kind(track, kind):
    return next(message for message in track if message.type == kind)


def test_the_first_track_has_name_tempo_meter_and_key():
    data = midi_bytes("Größe", grid_of("7/8", bpm=93.3, bars=3), Key("F#", "minor"), (BASS,))
    assert data[:14] == b"MThd" + bytes([0, 0, 0, 6, 0, 1, 0, 2]) + TICKS.to_bytes(2)
    time, part = read(data).tracks
    assert time.name == "Größe"
    assert of_kind(time, "set_tempo").tempo == round(60e6 / 93.3)
    meter = of_kind(time, "time_signature")
    assert (meter.numerator, meter.denominator) == (7, 8)
    assert of_kind(time, "key_signature").key == "F#m"
    assert part.name == "bass"


@pytest.mark.parametrize(
    ("meter", "bars", "quarters"), [("4/4", 4, 16), ("7/8", 3, 10.5), ("5/16", 1, 1.25)]
)
def test_every_track_lasts_as_long_as_the_loop(meter, bars, quarters):
    for track in read(
        midi_bytes("x", grid_of(meter, bars=bars), None, (BASS._replace(notes=()),))
    ).tracks:
        assert sum(message.time for message in track) == quarters * TICKS


@pytest.mark.parametrize(
    "key", ["Db minor", "G# major", "Cb", "D dorian", "Gb", "A# minor", "B locrian"]
)
def test_every_key_has_a_signature_on_its_tonic(key):
    parsed = parse_key(key)
    (time,) = read(midi_bytes("x", grid_of(), parsed, ())).tracks
    written = Key.parse(of_kind(time, "key_signature").key)
    assert (written.pitch_class, written.is_minor) == (parsed.pitch_class, parsed.is_minor)


def test_notes_have_exact_ticks_and_velocities():
    found, _ = placed(read(midi_bytes("x", grid_of(), None, (BASS,))).tracks[1])
    assert found == [(0, 960, 36, 64), (2400, 240, 43, 127)]


def test_a_start_before_the_loop_is_at_its_end_and_no_note_outlasts_it():
    part = MidiPart("bass", (MidiNote(-0.01, 1.0, 40, 1.0), MidiNote(15.5, 4.0, 41, 1.0)))
    found, _ = placed(read(midi_bytes("x", grid_of(), None, (part,))).tracks[1])
    assert found == [(14_880, 480, 41, 127), (15_350, 10, 40, 127)]


def test_a_note_ends_where_the_same_one_starts_and_two_at_once_are_one():
    part = MidiPart(
        "chords",
        (MidiNote(0.0, 2.0, 60, 0.5), MidiNote(1.0, 1.0, 60, 0.5), MidiNote(1.0, 1.0, 60, 1.0)),
    )
    found, _ = placed(read(midi_bytes("x", grid_of(), None, (part,))).tracks[1])
    assert found == [(0, 960, 60, 64), (960, 960, 60, 127)]


def test_drums_are_on_channel_ten_and_other_parts_never():
    parts = (*[BASS] * 10, BASS._replace(is_drums=True))
    channels = [
        of_kind(track, "note_on").channel
        for track in read(midi_bytes("x", grid_of(), None, parts)).tracks[1:]
    ]
    assert channels[-1] == 9
    assert len(set(channels)) == 11


def test_a_trim_keeps_the_notes_of_its_bars_with_those_played_early():
    starts = (0.0, 3.95, 4.0, 5.5, 7.94, 11.9, 12.0, 15.97)
    part = MidiPart("keys", tuple(MidiNote(start, 0.05, 60, 0.5) for start in starts))
    for bars, kept in (
        ((2, 2), [0.0, 0.0, 1.5]), ((2, 3), [0.0, 0.0, 1.5, 3.94, 7.9]),
        ((1, 1), [0.0, 0.0]), ((4, 4), [0.0]),
    ):  # fmt: skip
        (cut,) = cut_parts((part,), grid_of(), Edits(bars=bars))
        assert sorted(note.start for note in cut.notes) == pytest.approx(kept)
    assert cut_parts((part,), grid_of(), NONE) == (part,)


def test_a_note_that_sounds_over_the_edge_of_a_trim_is_cut_there():
    held = MidiNote(2.5, 4.0, 48, 0.5)
    notes = (held, MidiNote(3.5, 0.5, 50, 0.5), MidiNote(7.0, 8.0, 52, 0.5))
    edits = Edits(bars=(2, 2))
    (cut,) = cut_parts((MidiPart("keys", notes),), grid_of(), edits)
    assert cut.notes == (
        MidiNote(0.0, 2.5, 48, 0.5), MidiNote(3.0, 1.0, 52, 0.5)
    )  # fmt: skip
    (drums,) = cut_parts((MidiPart("drums", (held,), is_drums=True),), grid_of(), edits)
    assert drums.notes == ()  # it was struck before
