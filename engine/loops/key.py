"""Musical keys: reading them in the ways musicians write them, and naming them.

A key is written `F# minor`, `Eb major`, `D dorian`; `F#m`, `Gb`, `Ebmaj` are understood. In file
names sharps are `s`: `Fsm`, `Eb`, `Ddor`. No key at all is the empty text, not a `Key`.
"""

import re
from typing import Self

import msgspec

from engine.loops.errors import OutOfRange
from engine.loops.key_names import KEYS, key_of_match, plain_text

MODE_STEPS: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
}
"""The seven scale steps of each mode, in semitones above the tonic."""

_MODE_WORDS = {
    "": "major", "maj": "major", "major": "major", "ionian": "major",
    "m": "minor", "min": "minor", "minor": "minor", "aeolian": "minor",
    "dor": "dorian", "dorian": "dorian", "phr": "phrygian", "phrygian": "phrygian",
    "lyd": "lydian", "lydian": "lydian", "mix": "mixolydian", "mixolydian": "mixolydian",
    "loc": "locrian", "locrian": "locrian", "hmin": "harmonic minor",
    "harmonic minor": "harmonic minor",
}  # fmt: skip
_MODE_MARKS = {
    "major": "", "minor": "m", "dorian": "dor", "phrygian": "phr", "lydian": "lyd",
    "mixolydian": "mix", "locrian": "loc", "harmonic minor": "hmin",
}  # fmt: skip
_LETTER_PITCH = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTAL = {"": 0, "#": 1, "b": -1}
_ALLOWED = "a note and a mode such as 'F# minor', 'Eb', 'Am' or 'D dorian'"


class Key(msgspec.Struct, frozen=True):
    """A tonic as it is spelt (`F#`, `Gb`) and a mode of `MODE_STEPS`."""

    tonic: str
    mode: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as musicians write it, in any of the languages of `key_names`.

        Raises:
            OutOfRange: the text names no key.
        """
        plain, _origins = plain_text(re.sub(r"[\s_-]+", " ", text).strip())
        match = re.fullmatch(r"([A-Ga-g])(?: ?(#|sharp|b|flat))?(?: ?([A-Za-z ]*))", plain)
        suffix = "" if match is None else match[3].strip()
        mode = "major" if suffix == "M" else _MODE_WORDS.get(suffix.lower())
        if match is not None and mode is not None:
            accidental = {"sharp": "#", "flat": "b"}.get(match[2] or "", match[2] or "")
            return cls(match[1].upper() + accidental, mode)
        for pattern in KEYS:
            if named := pattern.fullmatch(plain):
                return cls(*key_of_match(named))
        raise OutOfRange("The key", text, _ALLOWED)

    @property
    def pitch_class(self) -> int:
        """The tonic in semitones above C, 0-11."""
        return (_LETTER_PITCH[self.tonic[0]] + _ACCIDENTAL[self.tonic[1:]]) % 12

    @property
    def steps(self) -> tuple[int, ...]:
        """The scale in semitones above the tonic."""
        return MODE_STEPS[self.mode]

    @property
    def pitches(self) -> frozenset[int]:
        """The scale in semitones above C, 0-11; relative keys have the same."""
        return frozenset((self.pitch_class + step) % 12 for step in self.steps)

    @property
    def is_minor(self) -> bool:
        """Whether the third is minor."""
        return self.steps[2] == 3

    @property
    def file_mark(self) -> str:
        """The key as it stands in file names: `Fsm`, `Eb`, `Ddor`."""
        return self.tonic.replace("#", "s") + _MODE_MARKS[self.mode]

    @property
    def short_name(self) -> str:
        """The key in three characters, as ID3 and DJ programs want it: `F#m`, `Eb`."""
        return self.tonic + ("m" if self.is_minor else "")

    def __str__(self) -> str:
        return f"{self.tonic} {self.mode}"


def key_of(pitch_class: int, mode: str) -> Key:
    """Return the key on a pitch class, with the tonic spelt as it is most often met."""
    minor_third = MODE_STEPS[mode][2] == 3
    names = "C C# D Eb E F F# G G# A Bb B" if minor_third else "C Db D Eb E F F# G Ab A Bb B"
    return Key(names.split()[pitch_class % 12], mode)


def parse_key(text: str | None) -> Key | None:
    """Read a key; empty text is no key.

    Raises:
        OutOfRange: the text names no key.
    """
    return Key.parse(text) if text and text.strip() else None
