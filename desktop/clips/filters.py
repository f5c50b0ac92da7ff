"""What narrows the list besides the search: a view, and filters that all must hold."""

import dataclasses
import enum
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from desktop.clips.fit import Fit, fit_of, fits_key
from desktop.clips.rows import ClipRow, Condition
from engine.loops.precedence import SessionTime
from engine.loops.tempo import bars_in_words, format_bpm

ONE_SHOT = 0
"""The length of clips without bars."""
TEMPO_STEPS = (80.0, 100.0, 120.0, 140.0)
"""Where the spans of tempos meet; the first and the last are open."""


class View(enum.StrEnum):
    """What the list begins with, before it is filtered; the value is its name."""

    ALL = "All loops"
    STARRED = "Starred"
    FITS = "Fits session"
    RECORDINGS = "Recordings"
    IMPORTS = "Imports"


class Span(NamedTuple):
    """Tempos from `low`, included, to `high`; without a name, they say what they are."""

    low: float
    high: float
    name: str = ""

    @property
    def text(self) -> str:
        """The span in words."""
        if self.name:
            return self.name
        if self.low <= 0:
            return f"Below {format_bpm(self.high)}"
        if self.high == float("inf"):
            return f"{format_bpm(self.low)} and more"
        return f"{format_bpm(self.low)} to under {format_bpm(self.high)}"

    def has(self, bpm: float | None) -> bool:
        """Return whether a tempo is in the span; None, of a one-shot, is in none."""
        return bpm is not None and self.low <= bpm < self.high


def spans(time: SessionTime) -> list[Span]:
    """Return the spans of tempos that are offered: that of the session first."""
    ends = (0.0, *TEMPO_STEPS, float("inf"))
    own = Span(time.bpm * 0.995, time.bpm * 1.005, f"Session, {format_bpm(time.bpm)}")
    return [own, *(Span(low, high) for low, high in itertools.pairwise(ends))]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Filters:
    """What must hold of a clip for the list; a filter that is empty holds of all.

    Attributes:
        view: what the list begins with.
        collection: the name of a collection that it must be in.
        starred: whether it must have a star.
        in_key: whether it must have the session's key, or none.
        roles: one of these roles, as the list shows them; so are the others.
        tempo: the span of its tempo.
        meters: such as `7/8`.
        lengths: in bars, or `ONE_SHOT`.
        tags: all of these tags.
        time: tempo and key of the session.
    """

    view: View = View.ALL
    collection: str = ""
    starred: bool = False
    in_key: bool = False
    roles: frozenset[str] = frozenset()
    tempo: Span | None = None
    meters: frozenset[str] = frozenset()
    lengths: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    time: SessionTime

    @property
    def names(self) -> list[str]:
        """What is on, in words; the view is not a filter."""
        named = (
            (self.starred, "starred"),
            (self.in_key, "in key"),
            (self.roles, " or ".join(sorted(self.roles))),
            (self.tempo, "" if self.tempo is None else self.tempo.text.lower()),
            (self.meters, " or ".join(sorted(self.meters))),
            (self.lengths, " or ".join(map(length_text, sorted(self.lengths)))),
            (self.tags, ", ".join(sorted(self.tags))),
        )
        return [name for on, name in named if on]

    @property
    def place(self) -> str:
        """The collection or the view."""
        return self.collection or self.view

    @property
    def depends_on_session(self) -> bool:
        """Whether other clips match once the session has another tempo or key."""
        return self.in_key or self.view is View.FITS

    def without_filters(self) -> "Filters":
        """Return the same view or collection with nothing else on."""
        return Filters(view=self.view, collection=self.collection, time=self.time)

    @functools.cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What must hold of a clip, one function for each filter that is on, and for the view."""
        span = self.tempo or Span(0.0, 0.0)
        asked: tuple[tuple[object, Condition], ...] = (
            (self.view is not View.ALL, _view_condition(self.view, self.time)),
            (self.collection, lambda row: self.collection in row.mark.collections),
            (self.starred, lambda row: row.mark.starred),
            (self.roles, lambda row: row.shown_role in self.roles),
            (self.tempo, lambda row: span.has(row.bpm)),
            (self.meters, lambda row: meter_of(row) in self.meters),
            (self.lengths, lambda row: (row.bars or ONE_SHOT) in self.lengths),
            (self.tags, lambda row: self.tags <= {*row.mark.tags}),
            (
                self.in_key,
                _once_for(lambda row: row.shown_key, lambda row: fits_key(row, self.time)),
            ),
        )
        return tuple(condition for on, condition in asked if on)

    def matches(self, row: ClipRow) -> bool:
        """Return whether a clip is in the list."""
        return all(condition(row) for condition in self.conditions)


def meter_of(row: ClipRow) -> str:
    """Return the meter of a loop; empty for a one-shot, or if it is not known yet."""
    if row.recipe is None or not row.recipe.grid.is_loop:
        return ""
    return str(row.recipe.grid.meter)


def length_text(bars: int) -> str:
    """Return a length in words."""
    if bars == ONE_SHOT:
        return "one-shots"
    return bars_in_words(bars)


class Counts(NamedTuple):
    """How many clips of a project there are of each kind, by what they are called or measure."""

    views: dict[View, int]
    collections: Counter[str]
    tags: Counter[str]
    roles: Counter[str]
    meters: Counter[str]
    lengths: Counter[int]
    tempos: Counter[float | None]

    def in_span(self, span: Span) -> int:
        """Return how many clips have a tempo in a span."""
        return sum(count for bpm, count in self.tempos.items() if span.has(bpm))


def counts_of(rows: Iterable[ClipRow], time: SessionTime) -> Counts:
    """Count the clips of a project."""
    all_rows = list(rows)
    marked = [row.mark for row in all_rows]
    roles = Counter(row.shown_role for row in all_rows)
    views = {
        View.ALL: len(all_rows),
        View.STARRED: sum(mark.starred for mark in marked),
        View.FITS: _fitting(all_rows, time),
        View.RECORDINGS: roles["recording"],
        View.IMPORTS: roles["import"],
    }
    return Counts(
        views,
        Counter(name for mark in marked for name in mark.collections),
        Counter(tag for mark in marked for tag in mark.tags),
        roles,
        Counter(meter for row in all_rows if (meter := meter_of(row))),
        Counter(row.bars or ONE_SHOT for row in all_rows),
        Counter(row.bpm for row in all_rows),
    )


def _fitting(rows: Iterable[ClipRow], time: SessionTime) -> int:
    """Count the clips that fit a session."""
    return sum(map(_view_condition(View.FITS, time), rows))


def _view_condition(view: View, time: SessionTime) -> Condition:
    conditions: dict[View, Condition] = {
        View.STARRED: lambda row: row.mark.starred,
        View.FITS: _once_for(
            lambda row: (row.bpm, row.shown_key, row.bars is None, meter_of(row)),
            lambda row: fit_of(row, time) in (Fit.FITS, Fit.NONE),
        ),
        View.RECORDINGS: lambda row: row.shown_role == "recording",
        View.IMPORTS: lambda row: row.shown_role == "import",
    }
    return conditions.get(view, lambda _row: True)


def _once_for(kind: Callable[[ClipRow], Hashable], condition: Condition) -> Condition:
    """Return a condition that asks another one once for all clips of a kind."""
    known: dict[Hashable, bool] = {}

    def holds(row: ClipRow) -> bool:
        alike = kind(row)
        if alike not in known:
            known[alike] = condition(row)
        return known[alike]

    return holds
