"""The MIDI files of the benchmark's peer, read back by a reader written apart from the writer."""

import struct
import subprocess

import pytest

from benchmarks.midi import TICKS_PER_QUARTER, midi_file
from benchmarks.sketch import PROMPTS

EVENT_BYTES = {0x80: 2, 0x90: 2, 0xC0: 1}


def read_events(data: bytes):
    """Yield (tick, status, data) of a format 0 file."""
    kind, size, form, tracks, division = struct.unpack_from(">4sIHHH", data)
    assert (kind, size, form, tracks, division) == (b"MThd", 6, 0, 1, TICKS_PER_QUARTER)
    kind, size = struct.unpack_from(">4sI", data, 14)
    assert (kind, size) == (b"MTrk", len(data) - 22)
    position, tick = 22, 0
    while position < len(data):
        delta = 0
        while True:
            byte = data[position]
            position += 1
            delta = delta << 7 | byte & 0x7F
            if byte < 0x80:
                break
        tick += delta
        status = data[position]
        if status == 0xFF:
            start, size = position + 1, data[position + 2] + 2
        else:
            start, size = position + 1, EVENT_BYTES[status & 0xF0]
        yield tick, status, data[start : start + size]
        position = start + size


@pytest.mark.parametrize("role", PROMPTS)
@pytest.mark.parametrize("bars", (1, 8))
def test_every_note_ends_within_the_loop(role, bars):
    events = list(read_events(midi_file(role, bars, 120.0)))
    sounding = []
    for tick, status, data in events:
        if status & 0xF0 == 0x90:
            sounding.append((status & 0xF, data[0]))
        elif status & 0xF0 == 0x80:
            sounding.remove((status & 0xF, data[0]))
        assert 0 <= tick <= bars * 4 * TICKS_PER_QUARTER
    assert sounding == []
    assert sum(status & 0xF0 == 0x90 for _, status, _ in events) >= 3 * bars
    assert events[-1] == (bars * 4 * TICKS_PER_QUARTER, 0xFF, b"\x2f\x00")


def test_the_file_contains_the_tempo():
    tempo = next(data for _, status, data in read_events(midi_file("bass", 1, 93.5)))[2:]
    assert int.from_bytes(tempo, "big") == round(60_000_000 / 93.5)


def test_the_peer_plays_the_file(program, tmp_path):
    player = program("fluidsynth", "fluidsynth")
    midi = tmp_path / "mix.mid"
    midi.write_bytes(midi_file("mix", 2, 120.0))
    shown = subprocess.run(
        [player, "-ni", "-q", "-F", str(tmp_path / "out.wav"), str(midi)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert "not a MIDI" not in shown.stdout + shown.stderr
