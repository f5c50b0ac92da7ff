"""The Qt model of the clip collection: groups of clips, and the clips of the open ones."""

import enum
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import ne
from pathlib import Path

import msgspec
from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    QStringListModel,
    Qt,
    Signal,
)

from desktop.clips.collection import ClipCollection
from desktop.clips.lineage import from_text, is_take, name_in_group, names_of
from desktop.clips.rows import ClipRow
from desktop.widgets.drops import FilesOfClips
from desktop.widgets.plain import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex

_MOST_INSERTED = 500
"""The base class takes the square of what more lines take."""
_MEMBER = ":"
"""Begins the line of a clip below its group; no id of a clip has it."""


class Kind(enum.Enum):
    """What a line of the list is."""

    ALONE = enum.auto()
    GROUP = enum.auto()
    MEMBER = enum.auto()
    LAST_MEMBER = enum.auto()


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of the list; a group stands for its best take.

    Attributes:
        row: the clip.
        kind: what the line is.
        title: the clip's title, or what it is in its group: `Take 2`.
        caption: how many clips a group has, or what a member was made from.
        is_open: whether the members of a group are shown.
        is_best: whether it is the best of several takes.
    """

    row: ClipRow
    kind: Kind
    title: str
    caption: str = ""
    is_open: bool = False
    is_best: bool = False

    @property
    def tip(self) -> str:
        """What the tooltip of the line says."""
        if self.kind is Kind.GROUP:
            return f"{self.row.shown_title}\n{self.caption}"
        return f"{self.row.spoken}\n{self.row.path.name}"

    @property
    def spoken(self) -> str:
        """The text of the line for a screen reader."""
        if self.kind is Kind.ALONE:
            return self.row.spoken
        if self.kind is Kind.GROUP:
            state = "open" if self.is_open else "closed"
            return f"{self.row.shown_title}, group, {self.caption}, {state}"
        parts = (self.title, self.caption, "best take" if self.is_best else "", self.row.spoken)
        return ", ".join(part for part in parts if part)


class ClipItems(QStringListModel):
    """Serves the rows of a collection to Qt views, in groups, and the files to drags.

    The strings of the base class stay empty, and only count the lines: a view asks for their
    number four times for each line that it lays out, which takes 2 us if Python answers.
    """

    renamed = Signal(object, str)
    """A clip, and the title that was typed for it."""

    def __init__(self, collection: ClipCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets when a clip's file is dragged there."""
        self._collection = collection
        self._open: set[str] = set()
        """The groups whose members are shown."""
        self._lines: list[str] = []
        self._entries: dict[str, Entry] = {}
        """What was asked of the lines since the last change: most are never seen."""
        self._places: dict[str, int] = {}
        """Where each line is, once that was asked."""
        self._next_lines = self._lines
        self.modelReset.connect(self._show_next_lines)  # views, which connect later, ask for them
        collection.on_change = self._on_change
        self._reset(self._arranged())

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index)
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                found: object = entry.title
            case Qt.ItemDataRole.EditRole:
                found = entry.row.shown_title
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                found = entry.spoken
            case Qt.ItemDataRole.ToolTipRole:
                found = plain_tip(entry.tip)
            case _:
                found = {int(ROW_ROLE): entry.row, int(ENTRY_ROLE): entry}.get(int(role))
        return found

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.NoItemFlags
        usable = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemNeverHasChildren
        return usable | flag.ItemIsDragEnabled | flag.ItemIsEditable

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Pass on the title that was typed for a clip."""
        row = self.row(index)
        if row is None or role != Qt.ItemDataRole.EditRole:
            return False
        self.renamed.emit(row, str(value))
        return True

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of the rows; they are complete, and stay in the project."""
        rows = [self.row(index) for index in indexes]
        files = dict.fromkeys(row.path for row in rows if row is not None)
        return FilesOfClips(list(files), self.taken_out)

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def entry(self, index: AnyIndex) -> Entry | None:
        """Return the line at an index."""
        place = index.row()
        if not index.isValid() or place >= len(self._lines):
            return None
        line = self._lines[place]
        entry = self._entries.get(line)
        if entry is None and (entry := self._entry(line)) is not None:
            self._entries[line] = entry
        return entry

    def row(self, index: AnyIndex) -> ClipRow | None:
        """Return the clip at an index."""
        entry = self.entry(index)
        return None if entry is None else entry.row

    def index_of(self, clip_id: str) -> QModelIndex:
        """Return the index of a clip, or of its group if that is closed; invalid if not shown."""
        if self._collection.place(clip_id) is None:
            return QModelIndex()
        return self.index(self._place_of(clip_id))

    def head_of(self, clip_id: str) -> QModelIndex:
        """Return the index of the line of a clip's group."""
        place = self._places_now().get(self._collection.head_of(clip_id))
        return QModelIndex() if place is None else self.index(place)

    def members(self, clip_id: str) -> tuple[ClipRow, ...]:
        """Return the shown clips of a shown clip's group, in order."""
        rows = self._collection.group(self._collection.group_of(clip_id)).rows
        return rows if any(row.id == clip_id for row in rows) else ()

    def set_open(self, clip_id: str, *, opened: bool) -> None:
        """Show or hide the members of the group of a clip."""
        group = self._collection.group_of(clip_id)
        if group and (group in self._open) != opened:
            self._open = self._open | {group} if opened else self._open - {group}
            self._entries.clear()
            self._rearrange()

    def _on_change(self, clip_ids: list[str] | None) -> None:
        self._entries.clear()
        groups = {self._collection.group_of(clip_id) for clip_id in clip_ids or ()}
        if clip_ids is None or not groups.isdisjoint(self._open):
            self._rearrange()  # the members of an open group may have another order now
            return
        for first, last in _runs(sorted({self._place_of(clip_id) for clip_id in clip_ids})):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _rearrange(self) -> None:
        old, new = self._lines, self._arranged()
        if old != new:
            added = len(new) - len(old)
            first = next((at for at, differ in enumerate(map(ne, old, new)) if differ), len(old))
            if not 0 < added <= _MOST_INSERTED or old[first:] != new[first + added :]:
                self._reset(new)
                return
            self.beginInsertRows(QModelIndex(), first, first + added - 1)  # keeps the selection
            self._lines, self._places = new, {}
            with QSignalBlocker(self):
                self.insertRows(len(old), added)  # where is all the same to the base class
            self.endInsertRows()
        if new:
            self.dataChanged.emit(self.index(0), self.index(len(new) - 1))

    def _reset(self, lines: list[str]) -> None:
        self._next_lines = lines
        self.setStringList([""] * len(lines))  # tells views, before and after

    def _show_next_lines(self) -> None:
        self._lines, self._places = self._next_lines, {}

    def _arranged(self) -> list[str]:
        """Return the lines: clips alone and groups by their head, members with a mark before."""
        lines = self._collection.heads
        for group in self._open:
            rows = self._collection.group(group).rows
            if len(rows) > 1:
                after = lines.index(self._collection.head_of(rows[0].id)) + 1
                lines[after:after] = [f"{_MEMBER}{row.id}" for row in rows]
        return lines

    def _places_now(self) -> dict[str, int]:
        if not self._places:
            self._places = {each: place for place, each in enumerate(self._lines)}
        return self._places

    def _place_of(self, clip_id: str) -> int:
        """Return where a shown clip, or its closed group, is."""
        places = self._places_now()
        member = places.get(f"{_MEMBER}{clip_id}") if self._open else None
        return places[self._collection.head_of(clip_id)] if member is None else member

    def _entry(self, line: str) -> Entry | None:
        """Return what is shown on a line; None once its clips are gone, while views are told."""
        clip_id = line.removeprefix(_MEMBER)
        group = self._collection.group(self._collection.group_of(clip_id))
        if not group.rows:
            return None
        best = group.best
        if len(group.rows) == 1:
            caption = "" if is_take(best) else name_in_group(best)
            return Entry(best, Kind.ALONE, best.shown_title, caption)
        if line == clip_id:
            is_open = group.id in self._open
            return Entry(best, Kind.GROUP, best.shown_title, group.caption, is_open=is_open)
        row = next((row for row in group.rows if row.id == clip_id), None)
        if row is None:
            return None
        return Entry(
            row,
            Kind.LAST_MEMBER if row is group.rows[-1] else Kind.MEMBER,
            names_of(group.rows)[row.id],
            from_text(row, self._collection.row),
            is_best=row is best and sum(map(is_take, group.rows)) > 1,
        )


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each run of neighbours among sorted places."""
    firsts = [at for at, place in enumerate(places) if not at or place > places[at - 1] + 1]
    return [(places[first], places[after - 1]) for first, after in pairwise([*firsts, len(places)])]
