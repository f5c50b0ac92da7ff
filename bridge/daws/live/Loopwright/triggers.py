"""Clips and scenes that request loops: launching one named `lw: dusty drums 4` sends a request.

A number of 1 to 64 at the end is the length in bars; without one, the bridge uses its default. Any
other number is part of the prompt: `lw: bass 808`, `lw: techno 130`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_MARK = "lw:"
_MOST_BARS = 64


class Trigger(NamedTuple):
    """A request from the set: the prompt, the bars (0: not given), and the scene it came from."""

    prompt: str
    bars: int
    scene: int


def read_name(name: str) -> tuple[str, int]:
    """Return prompt and bars of a name; the prompt is empty if the name is not a request."""
    if not name.lower().startswith(_MARK):
        return "", 0
    words = name[len(_MARK) :].split()
    bars = 0
    if len(words) > 1 and words[-1].isdigit() and 1 <= int(words[-1]) <= _MOST_BARS:
        bars = int(words.pop())
    return " ".join(words), bars


class Triggers:
    """Watches for launched clips and scenes; reports each launch once."""

    def __init__(self, song: Any) -> None:
        self._song = song
        self._fired: set[tuple[int, int]] = set()

    def new(self) -> list[Trigger]:
        """Return the requests that were launched since the last call."""
        fired = dict(self._all_fired())
        found = [trigger for slot, trigger in fired.items() if slot not in self._fired]
        self._fired = set(fired)
        return found

    def _all_fired(self) -> Iterator[tuple[tuple[int, int], Trigger]]:
        for number, scene in enumerate(self._song.scenes):
            if scene.is_triggered:
                prompt, bars = read_name(scene.name)
                if prompt:
                    yield (-1, number), Trigger(prompt, bars, number)
        for number, track in enumerate(self._song.tracks):
            fired = track.fired_slot_index
            if fired >= 0 and track.clip_slots[fired].has_clip:
                prompt, bars = read_name(track.clip_slots[fired].clip.name)
                if prompt:
                    yield (number, fired), Trigger(prompt, bars, fired)


def audio_track_with_free_slot(song: Any, scene: int) -> int:
    """Return the first audio track with a free slot in a scene; add a track if there is none."""
    for number, track in enumerate(song.tracks):
        if track.has_audio_input and not track.is_frozen and not track.clip_slots[scene].has_clip:
            return number
    song.create_audio_track(-1)
    return len(song.tracks) - 1
