"""The pads of a project: four banks of sixteen pads, each with or without a clip.

A pad is identified by its key, 0 to 63: bank A first, each bank from the upper left.
"""

import enum
from collections.abc import Callable
from typing import Annotated

import msgspec

from playback.clocks import Quantize
from playback.pad_sound import MAX_SEMITONES
from playback.pad_voices import Mode

BANKS = ("A", "B", "C", "D")
LETTERS = "1234QWERASDFZXCV"
"""The computer key of each pad of a bank."""
PADS_IN_BANK = len(LETTERS)
HIGHEST_CHOKE = 8
LOWEST_LEVEL_DB, HIGHEST_LEVEL_DB = -60.0, 6.0

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Pad(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The clip on a pad, and how it plays.

    Attributes:
        clip: clip id; empty if there is none.
        mode: what hitting and releasing the pad do.
        choke: choke group, of which only one pad sounds at a time; 0 is none.
        level_db: level in dB.
        pan: -1 (left) to 1.
        semitones: transposition.
        start, end: the part of the clip that plays, 0..1.
    """

    clip: str = ""
    mode: Mode = Mode.LOOP
    choke: Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_CHOKE)] = 0
    level_db: Annotated[float, msgspec.Meta(ge=LOWEST_LEVEL_DB, le=HIGHEST_LEVEL_DB)] = 0.0
    pan: Annotated[float, msgspec.Meta(ge=-1, le=1)] = 0.0
    semitones: Annotated[float, msgspec.Meta(ge=-MAX_SEMITONES, le=MAX_SEMITONES)] = 0.0
    start: _Share = 0.0
    end: _Share = 1.0


class PadState(enum.Enum):
    """Whether a pad is silent, waits for its start, or sounds."""

    SILENT = enum.auto()
    WAITING = enum.auto()
    SOUNDING = enum.auto()


EMPTY = Pad()


class PadBanks:
    """All banks. `on_change` is called with the key of a pad after it has changed."""

    def __init__(self) -> None:
        self.on_change: Callable[[int], None] = lambda _key: None
        self.bank = 0
        self.line = Quantize.BAR
        self._pads: dict[int, Pad] = {}

    def key_at(self, place: int) -> int:
        """Return the key of a pad of the current bank; `place` is 0 to 15."""
        return self.bank * PADS_IN_BANK + place

    def pad(self, key: int) -> Pad:
        """Return a pad; `EMPTY` if it has no clip."""
        return self._pads.get(key, EMPTY)

    def put(self, key: int, pad: Pad) -> None:
        """Change a pad."""
        if pad == self.pad(key):
            return
        if pad.clip:
            self._pads[key] = pad
        else:
            self._pads.pop(key, None)
        self.on_change(key)

    def fill(self, pads: dict[int, Pad]) -> None:
        """Set all pads, without calling `on_change`."""
        self._pads = dict(pads)

    def filled(self) -> dict[int, Pad]:
        """Return the pads that have a clip, by key."""
        return dict(self._pads)

    def free_key(self, first: int) -> int | None:
        """Return the key of the next empty pad of the current bank, starting at `first`."""
        keys = [self.key_at(place) for place in range(PADS_IN_BANK)]
        later = [key for key in keys if key >= first] + [key for key in keys if key < first]
        return next((key for key in later if key not in self._pads), None)
