"""Reads the MIDI files that Loopwright writes: type 1, a track for the time, and one for each part.

REAPER's relay reads them with it, too.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

_META, _TRACK_NAME, _NOTE_ON = 0xFF, 0x03, 0x90


class Note(NamedTuple):
    """Start and length in quarter notes, number 0 to 127, and velocity 1 to 127."""

    start: float
    length: float
    number: int
    velocity: int


class Part(NamedTuple):
    """A track with notes; channel 9 is for drums."""

    name: str
    channel: int
    notes: list[Note]


class NotOurs(Exception):
    """The file is not a MIDI file that Loopwright wrote."""


def read(path: str) -> tuple[float, list[Part]]:
    """Return the length of a file in quarter notes, and its parts.

    Raises:
        OSError: the file cannot be read.
        NotOurs: it is not a MIDI file that Loopwright wrote.
    """
    data = Path(path).read_bytes()
    try:
        return _read(data)
    except (ValueError, IndexError, KeyError, struct.error):
        raise NotOurs(path) from None


def _read(data: bytes) -> tuple[float, list[Part]]:
    mark, size, _, tracks, ticks_per_quarter = struct.unpack_from(">4sIHHH", data)
    if mark != b"MThd":
        raise ValueError(mark)
    at, parts, longest = 8 + size, [], 0
    for _ in range(tracks):
        (size,) = struct.unpack_from(">I", data, at + 4)
        part, ticks = _read_track(data[at + 8 : at + 8 + size], ticks_per_quarter)
        at += 8 + size
        longest = max(longest, ticks)
        if part.notes:
            parts.append(part)
    if at != len(data):
        raise ValueError(at)
    return longest / ticks_per_quarter, parts


def _read_track(track: bytes, ticks_per_quarter: int) -> tuple[Part, int]:
    """Return the part of a track, and its length in ticks."""
    at = tick = status = channel = 0
    name, notes = "", []
    sounding: dict[int, tuple[int, int]] = {}
    while at < len(track):
        wait, at = _number(track, at)
        tick += wait
        if track[at] & 0x80:  # else the message has the status of the one before
            status, at = track[at], at + 1
        if status == _META:
            size, first = _number(track, at + 1)
            if track[at] == _TRACK_NAME:
                name = track[first : first + size].decode("utf-8")
            at = first + size
            continue
        number, velocity = track[at], track[at + 1]
        at += 2
        if status & 0xF0 == _NOTE_ON and velocity:
            channel, sounding[number] = status & 0x0F, (tick, velocity)
        else:
            start, struck = sounding.pop(number)
            quarters = (start / ticks_per_quarter, (tick - start) / ticks_per_quarter)
            notes.append(Note(*quarters, number, struck))
    return Part(name, channel, sorted(notes)), tick


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits to the byte, and where it ends."""
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
