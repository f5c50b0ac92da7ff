"""Standard MIDI files for the peer of `sketch`: a loop for each role, in a few bytes.

Source: MIDI Manufacturers Association, Standard MIDI Files 1.0 (RP-001): format 0, one track.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

TICKS_PER_QUARTER = 480
_BAR_TICKS = 4 * TICKS_PER_QUARTER
_DRUMS = 9


class Note(NamedTuple):
    """One note, in ticks."""

    start: int
    length: int
    channel: int
    pitch: int
    velocity: int = 96


_PROGRAMS = {"bass": 38, "chords": 4, "pad": 89, "lead": 81, "texture": 97}
"""General MIDI programs by role, counted from 0; drums and percussion are on channel 10."""
_CHANNELS = {"bass": 0, "chords": 1, "pad": 2, "lead": 3, "texture": 4}
_CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))


def midi_file(role: str, bars: int, bpm: float) -> bytes:
    """Return a MIDI file that plays `bars` bars of 4/4 in one role, or a full mix for `mix`."""
    roles = ("drums", "bass", "chords", "lead") if role == "mix" else (role,)
    notes = [note for part in roles for bar in range(bars) for note in _bar(part, bar)]
    head = _event(0, b"\xff\x51\x03" + round(60_000_000 / bpm).to_bytes(3, "big"))
    programs = b"".join(
        _event(0, bytes([0xC0 | _CHANNELS[part], _PROGRAMS[part]]))
        for part in roles
        if part in _PROGRAMS
    )
    body = head + programs + _note_events(notes, bars * _BAR_TICKS)
    return (
        b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_QUARTER)
        + b"MTrk" + struct.pack(">I", len(body)) + body
    )  # fmt: skip


def _bar(role: str, bar: int) -> Iterator[Note]:
    """Yield the notes of one bar: sixteenths, eighths for bass, or a held chord."""
    start, sixteenth = bar * _BAR_TICKS, TICKS_PER_QUARTER // 4
    chord = _CHORDS[bar % len(_CHORDS)]
    for step in range(16):
        tick = start + step * sixteenth
        if role == "drums":
            yield from _drum_step(tick, step)
        elif role == "percussion":
            yield Note(tick, sixteenth, _DRUMS, (62, 63, 64, 70)[step % 4])
        elif role == "bass" and step % 2 == 0:
            yield Note(tick, sixteenth * 2, _CHANNELS[role], chord[0] - 24)
        elif role == "lead":
            yield Note(tick, sixteenth, _CHANNELS[role], chord[step % 3] + 12)
    if role in ("chords", "pad", "texture"):
        for pitch in chord:
            yield Note(start, _BAR_TICKS, _CHANNELS[role], pitch)


def _drum_step(tick: int, step: int) -> Iterator[Note]:
    yield Note(tick, TICKS_PER_QUARTER // 4, _DRUMS, 42, 70 + step % 3 * 10)
    if step % 4 == 0:
        yield Note(tick, TICKS_PER_QUARTER // 4, _DRUMS, 36 if step % 8 == 0 else 38)


def _note_events(notes: list[Note], end: int) -> bytes:
    """Return all notes as events in time order, and the end of the track."""
    changes = [(note.start, 0x90 | note.channel, note.pitch, note.velocity) for note in notes]
    changes += [(note.start + note.length, 0x80 | note.channel, note.pitch, 0) for note in notes]
    parts, now = [], 0
    for tick, status, pitch, velocity in sorted(changes):
        parts.append(_event(tick - now, bytes([status, pitch, velocity])))
        now = tick
    return b"".join(parts) + _event(max(0, end - now), b"\xff\x2f\x00")


def _event(delta: int, message: bytes) -> bytes:
    """Return a message after its delta time, a number with seven bits per byte."""
    coded = [delta & 0x7F]
    while delta := delta >> 7:
        coded.append(0x80 | delta & 0x7F)
    return bytes(reversed(coded)) + message
