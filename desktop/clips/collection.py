"""The clips of a project, filtered and sorted for the list."""

import bisect
import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from desktop.clips.filters import Counts, Filters, counts_of
from desktop.clips.lineage import source_of
from desktop.clips.query import Query, searched_text
from desktop.clips.rows import ClipRow, Mark
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
_MOST_MOVED = 1_000  # above about this many, sorting all rows is faster than moving each


class ClipCollection:
    """All clips of a project, and the filtered and sorted rows that are shown.

    `on_change` is called after each change: with the ids of the rows that changed in place, or with
    None if any row may have moved. `on_rows` is called after clips or marks changed, shown or not.
    """

    def __init__(self) -> None:
        self.on_change: Callable[[list[str] | None], None] = lambda _clip_ids: None
        self.on_rows: Callable[[], None] = lambda: None
        self._rows: dict[str, ClipRow] = {}
        self._marks: dict[str, Mark] = {}
        self.query = Query.parse("")
        self.filters = Filters(time=SessionTime())
        self._is_whole = True
        """Whether no filter is on; asking them takes as long as the query."""
        self._order = "Newest first"
        self._keys: list[tuple[Any, ...]] = []
        """The sorted keys of the shown rows; each key ends with the clip id."""
        self._key_of: dict[str, tuple[Any, ...]] = {}
        self._all_keys: list[tuple[Any, ...]] | None = None
        """The sorted keys of all rows, until rows or the order change."""
        self._texts: dict[str, str] = {}
        """What is searched of the rows that were searched before."""

    @property
    def shown(self) -> list[ClipRow]:
        """The shown rows, in order."""
        return [self._rows[key[-1]] for key in self._keys]

    @property
    def total(self) -> int:
        """The number of clips, shown or not."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._keys)

    def row_at(self, place: int) -> ClipRow:
        """Return the row at a position in the list."""
        return self._rows[self._keys[place][-1]]

    def row(self, clip_id: str) -> ClipRow | None:
        """Return the row of a clip, shown or not."""
        return self._rows.get(clip_id)

    def with_stems(self, rows: Iterable[ClipRow]) -> list[ClipRow]:
        """Return rows and those of their stems, shown or not, each once."""
        wanted = {row.id: row for row in rows}
        for row in self._rows.values():
            if row.recipe is not None and row.recipe.request.mode == SourceMode.STEMS:
                mix = source_of(row, self.row)
                if mix is not None and mix.id in wanted:
                    wanted[row.id] = row
        return list(wanted.values())

    def sound_of(self, file: Path) -> ClipSound | None:
        """Return what is heard of a clip, by its file; None if its recipe is not known."""
        row = self.row(clip_id_of(file.name) or "")
        if row is None or row.recipe is None or row.path != file:
            return None
        return ClipSound(row.id, Sound(row.path, row.recipe), row.mark.edits)

    def place(self, clip_id: str) -> int | None:
        """Return the position of a clip in the list; None if it is not shown."""
        key = self._key_of.get(clip_id)
        return None if key is None else bisect.bisect_left(self._keys, key)

    def put(self, rows: Iterable[ClipRow]) -> None:
        """Add rows, or replace rows with the same id; their marks are kept."""
        changed = []
        for row in rows:
            mark = self._marks.get(row.id)
            new = row if mark is None else msgspec.structs.replace(row, mark=mark)
            if new != self._rows.get(row.id):
                self._rows[row.id] = new
                changed.append(row.id)
        self._move(changed)

    def remove(self, clip_ids: Iterable[str]) -> None:
        """Remove clips whose files are gone."""
        gone = [clip_id for clip_id in clip_ids if self._rows.pop(clip_id, None)]
        self._move(gone)

    def expect_mark(self, clip_id: str, mark: Mark) -> None:
        """Set the mark of a clip whose row has not been added yet."""
        self._marks[clip_id] = mark

    def mark(self, clip_id: str, mark: Mark) -> None:
        """Change the mark of a clip."""
        self._marks[clip_id] = mark
        if (row := self._rows.get(clip_id)) and row.mark != mark:
            self._rows[clip_id] = msgspec.structs.replace(row, mark=mark)
            self._move([clip_id])

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
        before, self.query = self.query, Query.parse(text)
        # While somebody types, what is not shown already cannot match.
        self._show(self._keys if self.query.narrows(before) else self._sorted())

    def filter(self, filters: Filters) -> None:
        """Show only the clips that match filters, and the query."""
        if filters == self.filters:
            return
        self.filters = filters
        self._is_whole = filters == Filters(time=filters.time)
        self._arrange()

    def order_by(self, name: str) -> None:
        """Sort the clips by one of `ORDERS`."""
        self._order = name
        self._all_keys = None
        self._arrange()

    def _matches(self, row: ClipRow) -> bool:
        return self.query.matches(row) and (self._is_whole or self.filters.matches(row))

    def _complete_texts(self) -> None:
        if len(self._texts) < len(self._rows):
            missing = self._rows.keys() - self._texts.keys()
            self._texts.update((each, searched_text(self._rows[each])) for each in missing)

    def _sorted(self) -> list[tuple[Any, ...]]:
        """Return the keys of all rows, in order."""
        if self._all_keys is None:
            self._all_keys = sorted(map(ORDERS[self._order], self._rows.values()))
        return self._all_keys

    def _arrange(self) -> None:
        """Filter all rows again."""
        self._show(self._sorted())

    def _show(self, candidates: list[tuple[Any, ...]]) -> None:
        """Show what matches of some keys in order."""
        rows, query, filters = self._rows, self.query, self.filters
        keys = list(candidates)
        if query.words:
            self._complete_texts()
        for word in query.words:
            texts = self._texts
            keys = [key for key in keys if word in texts[key[-1]]]
        if query.has_facts:
            keys = [key for key in keys if query.facts_match(rows[key[-1]])]
        if not self._is_whole:
            keys = [key for key in keys if filters.matches(rows[key[-1]])]
        if keys != self._keys:
            self._keys, self._key_of = keys, {key[-1]: key for key in keys}
            self.on_change(None)

    def _move(self, changed: list[str]) -> None:
        """Move changed rows to their new positions, and call `on_change`."""
        if changed:
            self._all_keys = None
            for clip_id in changed:
                self._texts.pop(clip_id, None)
            self.on_rows()
        if len(changed) > _MOST_MOVED:
            before, stayed = self._keys, changed
            self._arrange()
            if self._keys is not before:
                return
        else:
            stayed = [clip_id for clip_id in changed if not self._move_one(clip_id)]
            if len(stayed) < len(changed):
                self.on_change(None)
        if there := [clip_id for clip_id in stayed if clip_id in self._key_of]:
            self.on_change(there)

    def _move_one(self, clip_id: str) -> bool:
        """Move a row to its new position; return whether the position changed."""
        row, old = self._rows.get(clip_id), self._key_of.pop(clip_id, None)
        new = ORDERS[self._order](row) if row is not None and self._matches(row) else None
        if new is not None:
            self._key_of[clip_id] = new
        if old == new:
            return False
        if old is not None:
            del self._keys[bisect.bisect_left(self._keys, old)]
        if new is not None:
            bisect.insort(self._keys, new)
        return True
