"""The clips that the list shows: found, filtered and in order; this module knows no Qt.

A row exists as soon as its file's name is known; what only the file itself says comes later.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from desktop.models.query import Query
from engine.loops.recipe import Recipe
from engine.loops.tempo import format_bpm

_NAME = re.compile(
    r"(?P<slug>.*?)_(?:(?P<bpm>\d+(?:\.\d+)?)bpm_)?(?:(?P<key>[A-G][sb]?[a-z]*)_)?"
    r"(?:(?P<bars>\d+)bars|(?P<seconds>[\d.]+)s)_(?P<id>[a-z2-7]{8})\.wav",
    re.IGNORECASE,
)


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person has added to a clip."""

    title: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()


class ClipRow(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as a row. `bars` is None for a one-shot; `recipe` until the file was read."""

    id: str
    path: Path
    written_ns: int
    title: str
    bpm: float | None = None
    key: str = ""
    bars: int | None = None
    recipe: Recipe | None = None
    mark: Mark = Mark()

    @property
    def shown_title(self) -> str:
        """The title a person gave it, else its own."""
        return self.mark.title or self.title

    @property
    def role(self) -> str | None:
        """What it plays, such as drums."""
        return self.recipe.role if self.recipe else None

    @property
    def model(self) -> str:
        """The id of the model that made it; empty until the file was read."""
        return self.recipe.model.id if self.recipe else ""

    @property
    def commercial_use(self) -> bool:
        """Whether it may be sold; what is not known yet is not held against it."""
        return self.recipe.model.commercial_use if self.recipe else True

    @property
    def score(self) -> float | None:
        """How good the take is, 0..1, where that was judged."""
        if self.recipe is None:
            return None
        scores = self.recipe.scores
        return scores.total if scores.total is not None else scores.text_match

    @property
    def bpm_text(self) -> str:
        """The tempo, without superfluous zeros."""
        return "" if self.bpm is None else format_bpm(self.bpm)

    @property
    def spoken(self) -> str:
        """The row as a sentence, for a screen reader."""
        parts = [self.shown_title, self.model, f"{self.bpm_text} BPM" if self.bpm else "", self.key]
        parts += [f"{self.bars} bars" if self.bars else "one-shot"]
        parts += ["" if self.commercial_use else "not for commercial use"]
        parts += ["starred" if self.mark.starred else "", *self.mark.tags]
        return ", ".join(part for part in parts if part)


def row_of_name(path: Path, written_ns: int) -> ClipRow | None:
    """Return what a file's name says, or None where it is not the name of a clip."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    key = match["key"] or ""
    return ClipRow(
        id=match["id"],
        path=path,
        written_ns=written_ns,
        title=match["slug"].replace("-", " "),
        bpm=float(match["bpm"]) if match["bpm"] else None,
        key=key[:1] + key[1:2].replace("s", "#") + key[2:],
        bars=int(match["bars"]) if match["bars"] else None,
    )


def row_with_recipe(row: ClipRow, recipe: Recipe) -> ClipRow:
    """Return a row with what its file says."""
    grid = recipe.grid
    return msgspec.structs.replace(
        row, title=recipe.title, bpm=grid.bpm, key=_short_key(recipe.key),
        bars=grid.bars if grid.is_loop else None, recipe=recipe,
    )  # fmt: skip


def _short_key(key: str | None) -> str:
    from engine.loops.key import parse_key

    parsed = parse_key(key)
    return "" if parsed is None else parsed.short_name


Order = Callable[[ClipRow], tuple[object, ...]]
ORDERS: dict[str, Order] = {
    "New first": lambda row: (-row.written_ns, row.id),
    "Title": lambda row: (row.shown_title.lower(), row.id),
    "Tempo": lambda row: (row.bpm or 0.0, row.id),
    "Best first": lambda row: (-(row.score or 0.0), -row.written_ns, row.id),
    "Starred first": lambda row: (not row.mark.starred, -row.written_ns, row.id),
}


class ClipShelf:
    """All clips of a project, and which of them are shown in which order.

    Whoever shows them is told of a change by `on_change`, afterwards: with the id of the one row
    that has new contents but an old place, or with None where anything may have moved.
    """

    def __init__(self) -> None:
        self.on_change: Callable[[str | None], None] = lambda _clip_id: None
        self._rows: dict[str, ClipRow] = {}
        self._marks: dict[str, Mark] = {}
        self._query = Query.parse("")
        self._order = "New first"
        self._shown: list[str] = []
        self._places: dict[str, int] = {}

    @property
    def shown(self) -> list[ClipRow]:
        """The rows that are shown, in order."""
        return [self._rows[clip_id] for clip_id in self._shown]

    @property
    def total(self) -> int:
        """How many clips there are, shown or not."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._shown)

    def row_at(self, place: int) -> ClipRow:
        """Return the row at a place of the list."""
        return self._rows[self._shown[place]]

    def row(self, clip_id: str) -> ClipRow | None:
        """Return the row of a clip, shown or not."""
        return self._rows.get(clip_id)

    def place(self, clip_id: str) -> int | None:
        """Return where a clip is in the list, if it is shown."""
        return self._places.get(clip_id)

    def put(self, rows: Iterable[ClipRow]) -> None:
        """Add rows, or replace those with the same id; their marks stay."""
        changed = []
        for row in rows:
            mark = self._marks.get(row.id)
            new = row if mark is None else msgspec.structs.replace(row, mark=mark)
            if new != self._rows.get(row.id):
                self._rows[row.id] = new
                changed.append(row.id)
        self._arrange(changed)

    def remove(self, clip_ids: Iterable[str]) -> None:
        """Forget clips that are gone."""
        gone = [clip_id for clip_id in clip_ids if self._rows.pop(clip_id, None)]
        self._arrange(gone)

    def expect_mark(self, clip_id: str, mark: Mark) -> None:
        """Note what a person has added to a clip whose row is yet to come."""
        self._marks[clip_id] = mark

    def mark(self, clip_id: str, mark: Mark) -> None:
        """Change what a person has added to a clip."""
        self._marks[clip_id] = mark
        if (row := self._rows.get(clip_id)) and row.mark != mark:
            self._rows[clip_id] = msgspec.structs.replace(row, mark=mark)
            self._arrange([clip_id])

    def search(self, text: str) -> None:
        """Show only the clips that match."""
        self._query = Query.parse(text)
        self._arrange([])

    def order_by(self, name: str) -> None:
        """Show the clips in one of the `ORDERS`."""
        self._order = name
        self._arrange([])

    def _arrange(self, changed: list[str]) -> None:
        matching = [row for row in self._rows.values() if self._query.matches(row)]
        shown = [row.id for row in sorted(matching, key=ORDERS[self._order])]
        if shown == self._shown:
            for clip_id in changed:
                self.on_change(clip_id)
            return
        self._shown = shown
        self._places = {clip_id: place for place, clip_id in enumerate(shown)}
        self.on_change(None)
