"""The layers of a project: up to eight loops that play together, each in a lane of its own.

A lane is identified by its place, 0 to 7, which it keeps as long as its loop is in it.
"""

from collections.abc import Callable
from typing import Annotated

import msgspec

from playback.layer_voices import MAX_LAYERS

LOWEST_LEVEL_DB, HIGHEST_LEVEL_DB = -60.0, 6.0


class Lane(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The loop in a lane, and how it plays.

    Attributes:
        clip: clip id; empty if there is none.
        muted: whether it is silent.
        solo: whether only it, and others like it, are heard.
        level_db: level in dB.
    """

    clip: str = ""
    muted: bool = False
    solo: bool = False
    level_db: Annotated[float, msgspec.Meta(ge=LOWEST_LEVEL_DB, le=HIGHEST_LEVEL_DB)] = 0.0

    @property
    def gain(self) -> float:
        """Its level as a factor; the lowest level is silence."""
        return 0.0 if self.level_db <= LOWEST_LEVEL_DB else 10 ** (self.level_db / 20)


EMPTY = Lane()


class Lanes:
    """All lanes. `on_change` is called with the place of a lane after it has changed."""

    def __init__(self) -> None:
        self.on_change: Callable[[int], None] = lambda _place: None
        self._lanes: dict[int, Lane] = {}

    def lane(self, place: int) -> Lane:
        """Return a lane; `EMPTY` if it has no loop."""
        return self._lanes.get(place, EMPTY)

    def put(self, place: int, lane: Lane) -> None:
        """Change a lane."""
        if lane == self.lane(place):
            return
        if lane.clip:
            self._lanes[place] = lane
        else:
            self._lanes.pop(place, None)
        self.on_change(place)

    def fill(self, lanes: dict[int, Lane]) -> None:
        """Set all lanes, without calling `on_change`."""
        self._lanes = dict(lanes)

    def filled(self) -> dict[int, Lane]:
        """Return the lanes that have a loop, by place, in order."""
        return dict(sorted(self._lanes.items()))

    def free_place(self) -> int | None:
        """Return the first place without a loop; None if all are taken."""
        return next((place for place in range(MAX_LAYERS) if place not in self._lanes), None)

    def gain(self, place: int) -> float:
        """Return how loud a lane is heard: 0 if it is muted, or others are solo."""
        lane = self.lane(place)
        others_solo = any(each.solo for each in self._lanes.values()) and not lane.solo
        return 0.0 if lane.muted or others_solo else lane.gain
