"""Which part of a clip a waveform shows, and where in it things are."""

import dataclasses
from typing import Self


@dataclasses.dataclass(frozen=True)
class Span:
    """A part of a clip, as shares of the whole, 0..1; `least` is the shortest that is shown."""

    begin: float = 0.0
    end: float = 1.0
    least: float = 0.05

    @property
    def length(self) -> float:
        """How much of the clip it is."""
        return self.end - self.begin

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the clip."""
        return self.length >= 1.0

    def x_of(self, place: float, width: float) -> float:
        """Return where a place in the clip, 0..1, is on a picture of some width."""
        return (place - self.begin) / self.length * width

    def place_at(self, x: float, width: float) -> float:
        """Return the place in the clip, 0..1, at a position of a picture of some width."""
        place = self.begin + x / max(width, 1.0) * self.length
        return min(max(place, 0.0), 1.0)

    def zoomed(self, factor: float, around: float) -> Self:
        """Return the span with its length divided by a factor; the place `around` stays put."""
        length = min(max(self.length / factor, self.least), 1.0)
        share = (around - self.begin) / self.length
        return self._from(around - share * length, length)

    def moved(self, by: float) -> Self:
        """Return the span moved by a share of its own length; it stays within the clip."""
        return self._from(self.begin + by * self.length, self.length)

    def begins_at(self, place: float) -> Self:
        """Return the span moved so that it begins at a place, as far as the clip reaches."""
        return self._from(place, self.length)

    def shows(self, place: float) -> bool:
        """Return whether a place in the clip, 0..1, is in it."""
        return self.begin <= place <= self.end

    def _from(self, begin: float, length: float) -> Self:
        begin = min(max(begin, 0.0), 1.0 - length)
        return dataclasses.replace(self, begin=begin, end=begin + length)


WHOLE = Span()


class Follower:
    """Keeps the playhead in view: where it leaves the shown part, the next one begins.

    A part that the user moved to, away from the playhead, stays until the playhead is in it, or
    begins another pass.
    """

    def __init__(self) -> None:
        """Begin in silence."""
        self._place: float | None = None
        self._held = False

    def hold(self, span: Span) -> None:
        """Note that the user moved to a part of the clip."""
        self._held = self._place is not None and not span.shows(self._place)

    def following(self, span: Span, place: float | None) -> Span:
        """Return what to show instead of `span`, now that the playhead is at a place, or gone."""
        before, self._place = self._place, place
        if place is None:
            return span
        if before is None or place < before or span.shows(place):
            self._held = False
        return span if self._held or span.shows(place) else span.begins_at(place)
