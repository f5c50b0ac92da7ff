"""The clips that the list shows: found, filtered and in order; this module knows no Qt."""

from collections.abc import Callable, Iterable

import msgspec

from desktop.models.query import Query
from desktop.models.rows import ClipRow, Mark

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
