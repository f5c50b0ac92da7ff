"""Inserts a clip into a slot at its exact tempo: corrects the tempo that Live guesses.

Live itself refuses full slots, tracks of the wrong kind, and relative paths; this module explains
it in a sentence first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import midi_file

OLDEST = "Live 11.3.25 or 12.0.5"
_CLOSE_BEATS = 1e-3
_REFUSED = 409
_NOT_FOUND = 404
_FAILED = 500
_KINDS = {"audio": "an audio", "MIDI": "a MIDI"}


class Refused(Exception):
    """A clip cannot be inserted where it should be; a code and a sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def place(song: Any, path: str, where: tuple[int, int], bpm: float, quarters: float) -> Any:
    """Create a clip from a file and return it.

    Args:
        song: Live's song.
        path: absolute path of the file.
        where: track and scene, counted from 0; -1 for the selected one.
        bpm: the clip's tempo.
        quarters: its length in quarter notes; 0 for a one-shot, which is not warped.

    Raises:
        Refused: the clip cannot be inserted there.
    """
    slot = _free_slot(song, *where, "audio")
    if not hasattr(slot, "create_audio_clip"):
        raise Refused(_FAILED, f"This version of Live cannot insert clips: use {OLDEST} or later.")
    try:
        clip = slot.create_audio_clip(path)
    except Exception as error:
        raise Refused(
            _FAILED, f"Live could not insert the file ({error}): drag it into Live."
        ) from None
    if quarters:
        fit(clip, bpm, quarters)
    else:
        clip.warping = False
    return clip


def place_notes(song: Any, path: str, where: tuple[int, int], *, loops: bool) -> list[Any]:
    """Create a clip for each part of a MIDI file and return them.

    A single part goes into the slot, as audio does. Several go to new tracks, so that no
    instrument of the set plays another part's notes.

    Raises:
        Refused: the clips cannot be inserted there.
    """
    try:
        length, parts = midi_file.read(path)
    except (OSError, midi_file.NotOurs):
        raise Refused(
            _FAILED, f"'{Path(path).name}' cannot be read: send the clip's MIDI again."
        ) from None
    if len(parts) == 1:
        return [_fill(_free_slot(song, *where, "MIDI"), length, parts[0], loops=loops)]
    scene = _scene_number(song, where[1])
    return [
        _fill(_slot_on_new_track(song, part.name, scene), length, part, loops=loops)
        for part in parts
    ]


def _slot_on_new_track(song: Any, name: str, scene: int) -> Any:
    try:
        song.create_midi_track(-1)
    except Exception as error:
        raise Refused(_FAILED, f"Live could not add a track ({error}): delete one.") from None
    track = list(song.tracks)[-1]
    track.name = name
    return track.clip_slots[scene]


def _fill(slot: Any, length: float, part: midi_file.Part, *, loops: bool) -> Any:
    """Create the clip of a part in an empty slot."""
    import Live  # type: ignore[import-not-found] # exists only inside Live

    clip = slot.create_clip(length)
    clip.looping = loops
    clip.add_new_notes(
        tuple(
            Live.Clip.MidiNoteSpecification(
                pitch=note.number,
                start_time=note.start,
                duration=note.length,
                velocity=float(note.velocity),
            )
            for note in part.notes
        )
    )
    return clip


def fit(clip: Any, bpm: float, quarters: float) -> None:
    """Warp and loop a clip so that its length is exactly `quarters`."""
    clip.warping = True
    _repair_markers(clip, bpm)
    clip.looping = True
    clip.loop_end = quarters
    clip.loop_start = 0.0
    clip.end_marker = quarters
    clip.start_marker = 0.0


def _repair_markers(clip: Any, bpm: float) -> None:
    """Move Live's warp markers to where the clip's tempo puts them.

    Live guesses the tempo from the length, and is sometimes wrong by half or double.
    """
    markers = sorted((marker.beat_time, marker.sample_time) for marker in clip.warp_markers)
    if len(markers) < 2:
        return
    first_beat, first_s = markers[0]
    moves = [
        (beat, first_beat + (sample_s - first_s) * bpm / 60.0 - beat)
        for beat, sample_s in markers[1:]
    ]
    # A marker cannot pass its neighbour: if they move apart, the last one moves first.
    if moves[-1][1] > 0:
        moves.reverse()
    for beat, distance in moves:
        if abs(distance) > _CLOSE_BEATS:
            clip.move_warp_marker(beat, distance)


def _free_slot(song: Any, track_number: int, scene_number: int, kind: str) -> Any:
    """Return a free slot for a clip of a kind, audio or MIDI."""
    tracks = list(song.tracks)
    track = song.view.selected_track if track_number < 0 else _nth(tracks, track_number, "track")
    if not getattr(track, f"has_{kind.lower()}_input", False) or track not in tracks:
        raise Refused(
            _REFUSED,
            f"Track '{track.name}' is not {_KINDS[kind]} track: choose {_KINDS[kind]} track.",
        )
    if getattr(track, "is_frozen", False):
        raise Refused(_REFUSED, f"Track '{track.name}' is frozen: unfreeze it first.")
    if scene_number < 0:
        return _next_free_slot(song, track)
    slot = track.clip_slots[_scene_number(song, scene_number)]
    if slot.has_clip:
        sentence = f"Slot {scene_number + 1} of track '{track.name}' is full: choose another one."
        raise Refused(_REFUSED, sentence)
    return slot


def _scene_number(song: Any, number: int) -> int:
    """Return the number of a scene, or, of -1, that of the selected one."""
    scenes = list(song.scenes)
    if number >= 0:
        _nth(scenes, number, "scene")
        return number
    selected = song.view.selected_scene
    return scenes.index(selected) if selected in scenes else 0


def _next_free_slot(song: Any, track: Any) -> Any:
    """Return the first free slot from the selected scene on; add a scene if there is none."""
    for slot in list(track.clip_slots)[_scene_number(song, -1) :]:
        if not slot.has_clip:
            return slot
    song.create_scene(-1)
    return list(track.clip_slots)[-1]


def _nth(things: list[Any], number: int, what: str) -> Any:
    if number >= len(things):
        raise Refused(
            _NOT_FOUND, f"There is no {what} {number + 1}: the last one is {len(things)}."
        )
    return things[number]
