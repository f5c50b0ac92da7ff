"""The clips of a project, filtered and sorted for the list."""

import bisect
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop.clips.filters import Counts, Filters, counts_of
from desktop.clips.lineage import Group, Groups, source_of
from desktop.clips.query import Query
from desktop.clips.rows import ClipRow, Condition, Mark
from desktop.transport.fitting import ClipSound, Sound
from engine.loops.clip import clip_id_of
from engine.loops.precedence import SessionTime
from engine.loops.request import SourceMode

Order = Callable[[ClipRow], tuple[Any, ...]]
ORDERS: dict[str, Order] = {
    "Newest first": lambda row: (-row.written_ns, row.id),
    "Title": lambda row: (row.shown_title.lower(), row.id),
    "Tempo": lambda row: (row.bpm or 0.0, row.id),
    "Best first": lambda row: (-(row.score or 0.0), -row.written_ns, row.id),
    "Starred first": lambda row: (not row.mark.starred, -row.written_ns, row.id),
}
Change = tuple[ClipRow | None, ClipRow | None]
"""A row before and after a change; None for no row."""
_MOST_MOVED = 1_000  # above about this many, sorting all rows is faster than moving each


class ClipCollection:
    """All clips of a project, and the filtered and sorted rows that are shown.

    `on_change` is called after each change: with the ids of the shown rows that changed in place,
    or with None if any row may have moved. `on_rows` is called after clips or marks changed, shown
    or not.
    """

    def __init__(self) -> None:
        self.on_change: Callable[[list[str] | None], None] = lambda _clip_ids: None
        self.on_rows: Callable[[], None] = lambda: None
        self.query = Query.parse("")
        self.filters = Filters(time=SessionTime())
        self._conditions: tuple[Condition, ...] = ()
        self._order = ORDERS["Newest first"]
        self._rows: dict[str, ClipRow] = {}
        self._marks: dict[str, Mark] = {}
        self._groups = Groups(self.row)
        self._all: list[ClipRow] = []
        """All rows, in order."""
        self._shown: list[ClipRow] = []
        self._all_heads: list[str] = []
        """The head of each of all rows; empty after rows have moved, until they are needed."""
        self._all_once: list[str] = []
        """The same, each once."""
        self._heads: list[str] | None = None
        """The heads of the shown rows, each once; None after rows have moved."""

    @property
    def shown(self) -> list[ClipRow]:
        """The shown rows, in order."""
        return list(self._shown)

    @property
    def heads(self) -> list[str]:
        """The ids of the shown rows, in order, with one id for all rows of a group."""
        if self._heads is None and len(self._shown) == len(self._all):
            self._complete_heads()
            self._heads = self._all_once
        elif self._heads is None:
            self._heads = list(dict.fromkeys(self._heads_of(self._shown)))
        return list(self._heads)

    def head_of(self, clip_id: str) -> str:
        """Return the id that stands for a clip among `heads`."""
        return self._groups.heads.get(clip_id, clip_id)

    def group_of(self, clip_id: str) -> str:
        """Return the id of a clip's group; empty for an unknown clip."""
        return self._groups.group_of(clip_id)

    def group(self, group: str) -> Group:
        """Return the shown rows of a group, in order."""
        rows = (self._rows[clip_id] for clip_id in self._groups.members(group))
        return Group.of(group, filter(self._matches, rows))

    @property
    def total(self) -> int:
        """The number of clips, shown or not."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._shown)

    def row_at(self, place: int) -> ClipRow:
        """Return the row at a position in the list."""
        return self._shown[place]

    def row(self, clip_id: str) -> ClipRow | None:
        """Return the row of a clip, shown or not."""
        return self._rows.get(clip_id)

    def stems_of(self, row: ClipRow) -> list[ClipRow]:
        """Return the stems of a clip, shown or not."""
        members = self._groups.members(self.group_of(row.id))
        others = (self._rows[clip_id] for clip_id in members)
        return [each for each in others if self._is_stem_of(each, row)]

    def with_stems(self, rows: Iterable[ClipRow]) -> list[ClipRow]:
        """Return rows and those of their stems, shown or not, each once."""
        chosen = list(rows)
        all_rows = [*chosen, *(stem for row in chosen for stem in self.stems_of(row))]
        return list({row.id: row for row in all_rows}.values())

    def _is_stem_of(self, row: ClipRow, mix: ClipRow) -> bool:
        if row.recipe is None or row.recipe.request.mode != SourceMode.STEMS:
            return False
        source = source_of(row, self.row)
        return source is not None and source.id == mix.id

    def sound_of(self, file: Path) -> ClipSound | None:
        """Return what is heard of a clip, by its file; None if its recipe is not known."""
        row = self.row(clip_id_of(file.name) or "")
        if row is None or row.recipe is None or row.path != file:
            return None
        return ClipSound(row.id, Sound(row.path, row.recipe), row.mark.edits)

    def place(self, clip_id: str) -> int | None:
        """Return the position of a clip in the list; None if it is not shown."""
        row = self._rows.get(clip_id)
        return None if row is None else self._place_in(self._shown, row)

    def put(self, rows: Iterable[ClipRow]) -> None:
        """Add rows, or replace rows with the same id; their marks are kept."""
        changes: list[Change] = []
        for row in rows:
            mark = self._marks.get(row.id)
            old, new = self._rows.get(row.id), row
            if mark is not None:
                new = msgspec.structs.replace(row, mark=mark)
            if new != old:
                self._rows[row.id] = new
                changes.append((old, new))
        self._apply(changes)

    def remove(self, clip_ids: Iterable[str]) -> None:
        """Remove clips whose files are gone."""
        gone = [self._rows.pop(clip_id, None) for clip_id in clip_ids]
        self._apply([(row, None) for row in gone if row is not None])

    def expect_mark(self, clip_id: str, mark: Mark) -> None:
        """Set the mark of a clip whose row has not been added yet."""
        self._marks[clip_id] = mark

    def mark(self, clip_id: str, mark: Mark) -> None:
        """Change the mark of a clip."""
        self._marks[clip_id] = mark
        if (row := self._rows.get(clip_id)) and row.mark != mark:
            new = self._rows[clip_id] = msgspec.structs.replace(row, mark=mark)
            self._apply([(row, new)])

    def newest_named(self, words: list[str], most: int) -> list[ClipRow]:
        """Return the newest clips whose titles have all words, in lower case; shown or not."""
        named = (
            row
            for row in self._rows.values()
            if all(word in row.shown_title.lower() for word in words)
        )
        return heapq.nlargest(most, named, key=lambda row: row.written_ns)

    def names(self, field: str) -> list[str]:
        """Return the tags or the collections of all clips, the most frequent first."""
        counts = Counter(name for row in self._rows.values() for name in getattr(row.mark, field))
        return [name for name, _count in counts.most_common()]

    def counts(self, time: SessionTime) -> Counts:
        """Count all clips, shown or not."""
        return counts_of(self._rows.values(), time)

    def search(self, text: str) -> None:
        """Show only the clips that match a query."""
        self.query = Query.parse(text)
        self._show()

    def filter(self, filters: Filters) -> None:
        """Show only the clips that match filters, and the query."""
        if filters != self.filters:
            self.filters = filters
            self._show()

    def order_by(self, name: str) -> None:
        """Sort the clips by one of `ORDERS`."""
        self._order = ORDERS[name]
        self._sort()

    def _matches(self, row: ClipRow) -> bool:
        return all(condition(row) for condition in self._conditions)

    def _sort(self) -> None:
        """Sort all rows, and show those that match."""
        self._all = sorted(self._rows.values(), key=self._order)
        self._all_heads, self._all_once = [], []
        self._show()

    def _show(self) -> None:
        """Show what matches of all rows."""
        self._conditions = (*self.query.conditions, *self.filters.conditions)
        rows = self._all
        places: Sequence[int] = range(len(rows))
        for condition in self._conditions:
            places = [at for at in places if condition(rows[at])]
        self._complete_heads()
        if len(places) == len(rows):  # as after clearing a search
            self._shown, self._heads = list(rows), self._all_once
        else:
            heads = self._all_heads
            self._shown = [rows[at] for at in places]
            self._heads = list(dict.fromkeys([heads[at] for at in places]))
        self.on_change(None)

    def _complete_heads(self) -> None:
        if len(self._all_heads) != len(self._all):
            self._all_heads = self._heads_of(self._all)
            self._all_once = list(dict.fromkeys(self._all_heads))

    def _heads_of(self, rows: list[ClipRow]) -> list[str]:
        ids = [row.id for row in rows]
        return list(map(self._groups.heads.get, ids, ids))

    def _apply(self, changes: list[Change]) -> None:
        """Take in rows that are new, have changed or are gone, and call `on_change`."""
        if not changes:
            return
        ids = [row.id for old, new in changes if (row := new or old) is not None]
        has_moved = self._groups.update(ids)
        self.on_rows()
        if len(changes) > _MOST_MOVED:
            self._sort()
            return
        there = []
        for old, new in changes:
            has_moved |= self._place(self._all, old, new)
            shown = new if new is not None and self._matches(new) else None
            has_moved |= self._place(self._shown, old, shown)
            if shown is not None:
                there.append(shown.id)
        if has_moved:
            self._all_heads, self._all_once, self._heads = [], [], None
        if has_moved or there:
            self.on_change(None if has_moved else there)

    def _place(self, rows: list[ClipRow], old: ClipRow | None, new: ClipRow | None) -> bool:
        """Put a row in the place of an old one among sorted rows; return whether others moved."""
        at = None if old is None else self._place_in(rows, old)
        if at is not None and new is not None and self._order(rows[at]) == self._order(new):
            rows[at] = new
            return False
        if at is not None:
            del rows[at]
        if new is not None:
            bisect.insort(rows, new, key=self._order)
        return at is not None or new is not None

    def _place_in(self, rows: list[ClipRow], row: ClipRow) -> int | None:
        """Return where a row is among sorted rows; None if it is not there."""
        at = bisect.bisect_left(rows, self._order(row), key=self._order)
        return at if at < len(rows) and rows[at].id == row.id else None
