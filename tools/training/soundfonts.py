"""Notes from MIDI files, and parts played through a General MIDI soundfont by FluidSynth."""

import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from engine.loops.midi import DRUM_CHANNEL, MELODIC_CHANNELS, MidiNote, MidiPart, midi_bytes
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

RATE = 44_100
KITS = (0, 8, 16, 24, 25, 32, 40)
"""The programs of the usual kits: standard, room, power, electronic, 808, jazz and brush."""
_LAPS = 2
_PEAK = 0.8


def parts_of(path: Path) -> list[MidiPart]:
    """Return the parts of a MIDI file, one for each channel that plays; drums on their channel."""
    import mido

    file = mido.MidiFile(path)
    notes: dict[int, list[MidiNote]] = {}
    for track in file.tracks:
        ticks, open_notes = 0, {}
        for message in track:
            ticks += message.time
            at = ticks / file.ticks_per_beat
            if message.type == "note_on" and message.velocity:
                open_notes[message.channel, message.note] = (at, message.velocity / 127)
            elif message.type in ("note_on", "note_off"):
                began = open_notes.pop((message.channel, message.note), None)
                if began is not None:
                    start, velocity = began
                    note = MidiNote(start, at - start, message.note, velocity)
                    notes.setdefault(message.channel, []).append(note)
    return [
        MidiPart("chords" if _overlap(found) else "line", tuple(found), channel == DRUM_CHANNEL)
        for channel, found in sorted(notes.items())
    ]


def _overlap(notes: list[MidiNote]) -> bool:
    """Return whether notes sound together, as those of chords do."""
    notes.sort()
    return any(one.start + 0.7 * one.length > other.start for one, other in pairwise(notes))


def played(
    parts: Sequence[MidiPart], grid: LoopGrid, soundfont: Path, programs: Sequence[int]
) -> Audio:
    """Return a loop of these parts, each by its program: what is heard when it runs again."""
    laps = msgspec.structs.replace(grid, bars=_LAPS * grid.bars)
    repeated = tuple(part._replace(notes=tuple(_in_laps(part, grid))) for part in parts)
    melodic = iter(MELODIC_CHANNELS)
    chosen = [
        f"prog {DRUM_CHANNEL if part.is_drums else next(melodic)} {program}\n"
        for part, program in zip(parts, programs, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        midi, commands, audio = (Path(folder, name) for name in ("a.mid", "programs", "a.wav"))
        midi.write_bytes(midi_bytes("loop", laps, None, repeated))
        commands.write_text("".join(chosen), encoding="ascii")
        command = (
            "fluidsynth", "-niq", "-o", "synth.dynamic-sample-loading=1", "-f", commands,
            "-r", str(RATE), "-F", audio, soundfont, midi,
        )  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        sound, _ = soundfile.read(audio, dtype="float32", always_2d=True)
    loop = sound[grid.frames : 2 * grid.frames]
    loop = np.pad(loop, ((0, grid.frames - len(loop)), (0, 0)))
    level: Audio = loop * np.float32(_PEAK / max(1e-6, float(np.abs(loop).max())))
    return level


def _in_laps(part: MidiPart, grid: LoopGrid) -> list[MidiNote]:
    length = float(grid.quarters)
    return [
        note._replace(start=note.start + lap * length)
        for lap in range(_LAPS)
        for note in part.notes
    ]
