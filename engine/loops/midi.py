"""Writes notes as a standard MIDI file, type 1: one track for the time, and one for each part."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from engine.loops.edits import Edits, bars_in
from engine.loops.key import Key
from engine.loops.tempo import LoopGrid, exact_bpm

TICKS_PER_QUARTER = 960
DRUM_CHANNEL = 9
"""The channel that General MIDI reserves for drums, counted from 0."""
MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_SHORTEST_TICKS = 1
_EARLY_QUARTERS = 0.0625
"""How much before its beat a note may be played: a 64th."""
_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")


class MidiNote(NamedTuple):
    """A note: where it starts and its length in quarter notes, its number, 0..127, how hard, 0..1.

    A start before 0 or after the end is on the loop's circle, as in its audio.
    """

    start: float
    length: float
    number: int
    velocity: float


class MidiPart(NamedTuple):
    """The notes of one part; those of drums have the numbers of General MIDI."""

    name: str
    notes: tuple[MidiNote, ...]
    is_drums: bool = False


def cut_parts(parts: tuple[MidiPart, ...], grid: LoopGrid, edits: Edits) -> tuple[MidiPart, ...]:
    """Return the notes of the bars that edits leave of a loop, from its new beginning on.

    What is played a little early belongs to the beat that it is played for. A note that sounds over
    an edge is cut there; a stroke of drums is not played again at its new beginning.
    """
    if edits.bars is None or not grid.is_loop:
        return parts
    first, last = bars_in(edits, grid)
    bar, whole = float(grid.meter.bar_quarters), float(grid.quarters)
    begin, end = (first - 1) * bar, last * bar
    return tuple(part._replace(notes=tuple(_sounding(part, begin, end, whole))) for part in parts)


def _sounding(part: MidiPart, begin: float, end: float, whole: float) -> Iterator[MidiNote]:
    """Yield the notes that sound between two places in a loop, from the first of them on."""
    for note in part.notes:
        start, length = _on_beat(note.start, whole), note.length
        if start + _EARLY_QUARTERS < begin:
            length -= begin - start
            if part.is_drums or length <= _EARLY_QUARTERS:
                continue
        start = max(start, begin)
        if start + _EARLY_QUARTERS < end:
            yield note._replace(start=start - begin, length=min(length, end - start))


def _on_beat(start: float, whole: float) -> float:
    """Return where in a loop a note is; what is early for its first beat is before it."""
    start %= whole
    return start - whole if start + _EARLY_QUARTERS >= whole else start


def midi_bytes(title: str, grid: LoopGrid, key: Key | None, parts: tuple[MidiPart, ...]) -> bytes:
    """Return a standard MIDI file of type 1 that lasts exactly as long as the loop.

    A MIDI file states a tempo as whole microseconds per quarter note; notes are at their ticks
    whatever the tempo. MIDI knows no modes: D dorian becomes D minor in the key signature.
    """
    import mido  # only for those who want MIDI

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    length = round(grid.quarters * TICKS_PER_QUARTER)
    meter = grid.meter
    time = [
        mido.MetaMessage("track_name", name=title),
        mido.MetaMessage("set_tempo", tempo=round(60_000_000 / exact_bpm(grid.bpm))),
        mido.MetaMessage(
            "time_signature", numerator=meter.numerator, denominator=meter.denominator
        ),
    ]
    if key is not None:
        time.append(mido.MetaMessage("key_signature", key=_signature(key)))
    time.append(mido.MetaMessage("end_of_track", time=length))
    file.tracks.append(mido.MidiTrack(time))
    channels = iter(MELODIC_CHANNELS)
    for part in parts:
        channel = DRUM_CHANNEL if part.is_drums else next(channels)
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=part.name)])
        at = 0
        for tick, kind, number, velocity in _events(part, length):
            track.append(
                mido.Message(kind, channel=channel, note=number, velocity=velocity, time=tick - at)
            )
            at = tick
        track.append(mido.MetaMessage("end_of_track", time=length - at))
        file.tracks.append(track)
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def _signature(key: Key) -> str:
    return (_MINOR if key.is_minor else _MAJOR)[key.pitch_class]


def _events(part: MidiPart, length: int) -> list[tuple[int, str, int, int]]:
    """Return (tick, message, note number, velocity), in order; a note ends before its next start.

    Where a note ends as the same one starts, the end comes first.
    """
    sounding: dict[int, list[tuple[int, int, int]]] = {}
    for note in part.notes:
        start = round(note.start * TICKS_PER_QUARTER) % length
        end = min(start + max(round(note.length * TICKS_PER_QUARTER), _SHORTEST_TICKS), length)
        velocity = min(max(round(127 * note.velocity), 1), 127)
        sounding.setdefault(note.number, []).append((start, end, velocity))
    events = []
    for number, notes in sounding.items():
        notes.sort()
        for index, (start, end, velocity) in enumerate(notes):
            following = notes[index + 1][0] if index + 1 < len(notes) else length
            if start == following:  # two at once are one to MIDI: the harder, which is sorted last
                continue
            events.append((start, 1, number, velocity))
            events.append((min(end, following), 0, number, 0))
    return [
        (tick, "note_on" if on else "note_off", number, velocity)
        for tick, on, number, velocity in sorted(events)
    ]
