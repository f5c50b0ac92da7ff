"""The tracks that the model knows by name: which one a prompt asks for, and its role."""

import re
from typing import NamedTuple


class Track(NamedTuple):
    """A track: its name in the model, our role for it, and words that ask for it."""

    name: str
    role: str | None
    words: str


_TRACKS = (
    Track("backing_vocals", None, "backing vocals?|choirs?|harmony vocals?"),
    Track("vocals", None, "vocals?|vox|voices?|sing(ing|ers?)?|acapp?ellas?"),
    Track("drums", "drums", "drums?|beats?|breaks?|breakbeats?|kicks?|snares?|hi-?hats?"),
    Track("percussion", "percussion", "percussion|congas?|bongos?|shakers?|tambourines?"),
    Track("bass", "bass", "bass(line)?|sub|808s?"),
    Track("guitar", None, "guitars?"),
    Track("keyboard", "chords", "chords?|keys|keyboards?|pianos?|rhodes|organs?|wurlitzer"),
    Track("strings", None, "strings?|violins?|viola|cellos?|orchestra"),
    Track("brass", None, "brass|trumpets?|trombones?|horns?"),
    Track("woodwinds", None, "woodwinds?|flutes?|sax(ophones?)?|clarinets?|oboes?"),
    Track("fx", "texture", "fx|effects?|textures?|noises?|risers?|ambien(ce|t)"),
    Track("synth", "lead", "synths?|leads?|pads?|arps?|plucks?|melody"),
)
TRACKS = tuple(track.name for track in _TRACKS)
USUAL_TRACKS = ("drums", "bass", "keyboard", "guitar", "synth", "vocals")
"""What a loop is taken apart into, if nobody says what."""


_REST = re.compile(r"\b(everything|all) else\b|\bthe rest\b|\baccompaniment\b|\ball other parts\b")
_GENRE = re.compile(r"\bdrum( and | & | ?'?n'? ?)bass\b")
_BETWEEN = re.compile(r"[,;+&]|\band\b|\bwith\b")


def tracks_in(prompt: str) -> tuple[str, ...] | None:
    """Return the tracks that a prompt lists, to be played together; None if it asks for one.

    A list has several items that end with a track, as in `dry drums, bass and keys`. Everything
    else that a loop lacks is no track by name.
    """
    text = prompt.lower()
    if _REST.search(text):
        return ()
    items = [item.strip() for item in _BETWEEN.split(_GENRE.sub("", text))]
    found = dict.fromkeys(
        track.name for item in items if (track := track_in(item)) and _ends_with(item, track)
    )
    return tuple(found) if len(found) > 1 else None


def _ends_with(item: str, track: Track) -> bool:
    return re.search(rf"\b({track.words})$", item) is not None


def track_in(prompt: str) -> Track | None:
    """Return the track that a prompt asks for: the one whose word comes last, its noun."""
    found = [
        (match.end(), track)
        for track in _TRACKS
        for match in re.finditer(rf"\b({track.words})\b", prompt.lower().replace("_", " "))
    ]
    # Of two that end together ("backing vocals"), the one that is named first is meant.
    return max(found, key=lambda each: each[0])[1] if found else None
