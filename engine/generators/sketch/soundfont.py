"""Parts played with a soundfont, by FluidSynth: its General MIDI programs for our sounds and kits.

FluidSynth starts notes at whole milliseconds, in blocks of 64 frames, so that they are up to 1.5 ms
early or late. The length of a loop is exact, and what rings on after its end is heard
at its start.
"""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.band import drum_room, played_notes
from engine.generators.sketch.midi import DRUM_NUMBERS
from engine.generators.sketch.score import Note, Stroke
from engine.generators.sketch.stage import Stage, sound_of
from engine.generators.sketch.synth.circle import Float
from engine.loops.cancel import Check, unless_cancelled
from engine.loops.errors import LoopError
from engine.loops.files import temporary_folder
from engine.loops.midi import DRUM_CHANNEL
from engine.loops.soundfont import player

PROGRAMS = {
    "synth bass": 38, "acid bass": 38, "rumble bass": 39, "reese": 39, "sub": 39, "808 bass": 39,
    "wobble bass": 39, "organ bass": 16, "finger bass": 33, "round bass": 35, "pick bass": 34,
    "slap bass": 36, "upright bass": 32, "log bass": 12, "low strings": 48, "rhodes": 4,
    "piano": 0, "felt piano": 0, "house piano": 1, "organ": 16, "organ pad": 19, "clavinet": 7,
    "clean guitar": 27, "muted guitar": 28, "nylon guitar": 24, "jazz guitar": 26,
    "drive guitar": 29, "high gain guitar": 30, "supersaw": 81, "poly synth": 90, "dub chord": 17,
    "accordion": 21, "warm pad": 89, "dark pad": 95, "glass pad": 92, "tape pad": 94,
    "supersaw pad": 90, "strings": 48, "choir": 52, "saw lead": 81, "square lead": 80,
    "supersaw lead": 81, "acid lead": 87, "pluck lead": 84, "fm pluck": 98, "bell": 14,
    "vibes": 11, "marimba": 12, "kalimba": 108, "harp": 46, "flute": 73, "whistle": 78,
    "brass": 61, "melodica": 22,
}  # fmt: skip
"""The program of General MIDI, counted from 0, that is nearest to each sound."""
DRUM_PROGRAMS = {
    "acoustic": 8, "break": 8, "metal": 16, "909": 24, "techno": 24, "linn": 24, "electro": 24,
    "dubstep": 24, "808": 25, "trap": 25, "jazz": 32, "taiko": 48,
}  # fmt: skip
"""The drum kit of General MIDI for each family of kits; the others have the standard kit, 0."""
_RING_S = 5.0
_LEAD_S, _LATE_S = 0.01, 0.0023
"""The silence before the first note, and how much too late FluidSynth plays notes on average."""
_BEAT_S = 0.25
_GAIN = "0.5"


class _Event(NamedTuple):
    """A note: the frame where it starts, for how many frames it is held, number and velocity."""

    frame: int
    held: int
    number: int
    velocity: float


def play_drums(stage: Stage, font: Path, strokes: list[Stroke]) -> Float:
    """Return the drums of a loop, (2, frames).

    Raises:
        LoopError: FluidSynth is not installed, or cannot play the font.
    """
    room = drum_room(stage)
    ring = int(_RING_S * stage.rate)
    events = (
        _Event(stage.frame(each.start, each.late_s), ring, DRUM_NUMBERS[each.voice], each.velocity)
        for each in strokes
    )
    program = DRUM_PROGRAMS.get(stage.brief.kit, 0)
    played = _played(stage, font, _midi(stage, events, DRUM_CHANNEL, program))
    return stage.done(partial(room.recorded, played))


def play_notes(stage: Stage, font: Path, role: str, notes: list[Note]) -> Float:
    """Return one pitched part of a loop, (2, frames); see `play_drums`."""
    events = (
        _Event(played.frame, played.held, played.note.midi, played.velocity)
        for played in played_notes(stage, role, notes)
    )
    program = PROGRAMS[sound_of(stage.brief, role, stage.seed)]
    return _played(stage, font, _midi(stage, events, 0, program))


def _midi(stage: Stage, events: Iterable[_Event], channel: int, program: int) -> bytes:
    """Return a MIDI file with a tick for each frame; a note ends before its next start."""
    import mido  # only for those who have a soundfont

    sounding: dict[int, list[_Event]] = {}
    for event in events:
        placed = event.frame % stage.frames if stage.brief.grid.is_loop else max(event.frame, 0)
        sounding.setdefault(event.number, []).append(event._replace(frame=placed))
    messages = []
    for number, notes in sounding.items():
        notes.sort()
        starts = [note.frame for note in notes[1:]]
        for note, following in zip(notes, [*starts, sys.maxsize], strict=True):
            if note.frame < following:
                velocity = min(max(round(127 * note.velocity), 1), 127)
                messages.append((note.frame, 1, number, velocity))
                messages.append((min(note.frame + max(note.held, 1), following), 0, number, 0))
    file = mido.MidiFile(type=0, ticks_per_beat=round(_BEAT_S * stage.rate))
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(1e6 * _BEAT_S))])
    track.append(mido.Message("program_change", channel=channel, program=program))
    at = -round(_LEAD_S * stage.rate)
    for frame, on, number, velocity in sorted(messages):
        kind = "note_on" if on else "note_off"
        wait = frame - at
        track.append(mido.Message(kind, channel=channel, note=number, velocity=velocity, time=wait))
        at = frame
    ends = max(stage.frames, at) + int(_RING_S * stage.rate)
    track.append(mido.MetaMessage("end_of_track", time=ends - at))
    file.tracks.append(track)
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def _played(stage: Stage, font: Path, midi: bytes) -> Float:
    """Return what FluidSynth plays, with what rings on after the end of a loop at its start."""
    folder = temporary_folder("loopwright-soundfont-")
    try:
        sound = _run(folder, font, midi, stage.rate, stage.check_cancel)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sound = sound[round((_LEAD_S + _LATE_S) * stage.rate) :]
    if not stage.brief.grid.is_loop:
        missing = max(0, stage.frames - len(sound))
        return np.pad(sound, ((0, missing), (0, 0)))[: stage.frames].T.copy()
    turns = -(-len(sound) // stage.frames)
    padded = np.pad(sound, ((0, turns * stage.frames - len(sound)), (0, 0)))
    return padded.reshape(turns, stage.frames, 2).sum(axis=0).T.astype(np.float32)


def _run(folder: Path, font: Path, midi: bytes, rate: int, check: Check) -> Float:
    """Return the sound of a MIDI file, (frames, 2)."""
    program = player()
    if program is None:
        raise LoopError(
            "FluidSynth, which plays soundfonts, is not installed: install it, or choose a folder "
            "of one-shots as the kit."
        )
    (folder / "notes.mid").write_bytes(midi)
    (folder / "no.conf").touch()  # nothing of the person's own settings
    command = [
        program, "-n", "-i", "-q", "-f", "no.conf", "-R", "0", "-C", "0", "-g", _GAIN,
        "-r", str(rate), "-T", "raw", "-O", "float", "-E", "little", "-F", "sound.raw",
        "-o", "synth.default-soundfont=", "-o", "synth.dynamic-sample-loading=1",
        "-o", "synth.polyphony=1024", str(font), "notes.mid",
    ]  # fmt: skip
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    with subprocess.Popen(  # noqa: S603 - found on the PATH, and no shell
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, creationflags=flags,
    ) as process:  # fmt: skip
        try:
            _, said = unless_cancelled(process.communicate, check)
        except BaseException:
            process.kill()
            raise
    path = folder / "sound.raw"
    sound = np.fromfile(path, "<f4") if path.is_file() else np.zeros(0, np.float32)
    if process.returncode or b"error" in said or not sound.any():
        reason = said.decode("utf-8", "replace").strip().splitlines()
        why = f" ({reason[0][:200]})" if reason else ""
        raise LoopError(f"FluidSynth cannot play {font.name}{why}: choose another soundfont.")
    return sound.reshape(-1, 2)
