"""The Qt model of the clip collection: groups of clips, and the clips of the open ones."""

import enum
from collections.abc import Callable, Sequence
from operator import ne
from pathlib import Path

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.clips.collection import ClipCollection
from desktop.clips.lineage import (
    Group,
    from_text,
    group_id,
    grouped,
    is_take,
    name_in_group,
    source_of,
)
from desktop.clips.rows import ClipRow
from desktop.widgets.drops import FilesOfClips
from desktop.widgets.plain import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex

_MOST_GONE = 1_000
"""How many lines of clips that are gone are kept."""


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
        group: the id of the group.
        title: the clip's title, or what it is in its group: `Take 2`.
        caption: how many clips a group has, or what a member was made from.
        is_open: whether the members of a group are shown.
        is_best: whether it is the best of several takes.
    """

    row: ClipRow
    kind: Kind
    group: str
    title: str
    caption: str = ""
    is_open: bool = False
    is_best: bool = False

    @property
    def id(self) -> str:
        """What tells it from the other lines."""
        return f"{self.group}:" if self.kind is Kind.GROUP else self.row.id

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


class ClipItems(QAbstractListModel):
    """Serves the rows of a collection to Qt views, in groups, and the files to drags."""

    renamed = Signal(object, str)
    """A clip, and the title that was typed for it."""

    def __init__(self, collection: ClipCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets when a clip's file is dragged there."""
        self._collection = collection
        self._open: set[str] = set()
        self._group_of: dict[str, str] = {}
        self._group_ids: set[str] = set()
        self._places: dict[str, int] = {}
        self._flat: list[str] = []
        self._alone: dict[str, Entry] = {}
        """The lines of clips without a group, shown or not, so that a search makes none anew."""
        self._shown: list[Entry] = self._entries()
        self._ids = list(self._places)
        """What tells the lines apart, in order."""
        collection.on_change = self._on_change

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

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
                found = plain_tip(f"{entry.spoken}\n{entry.row.path.name}")
            case _:
                found = {int(ROW_ROLE): entry.row, int(ENTRY_ROLE): entry}.get(int(role))
        return found

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags, more = super().flags(index), Qt.ItemFlag
        is_clip = index.isValid()
        return flags | more.ItemIsDragEnabled | more.ItemIsEditable if is_clip else flags

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
        return self._shown[place] if index.isValid() and place < len(self._shown) else None

    def row(self, index: AnyIndex) -> ClipRow | None:
        """Return the clip at an index."""
        entry = self.entry(index)
        return None if entry is None else entry.row

    def index_of(self, clip_id: str) -> QModelIndex:
        """Return the index of a clip, or of its group if that is closed; invalid if not shown."""
        place = self._places.get(clip_id)
        if place is None:
            place = self._places.get(f"{self._group_of.get(clip_id, '')}:")
        return QModelIndex() if place is None else self.index(place)

    def head_of(self, clip_id: str) -> QModelIndex:
        """Return the index of the line of a clip's group."""
        return self.index(self._places[f"{self._group_of[clip_id]}:"])

    def members(self, clip_id: str) -> tuple[ClipRow, ...]:
        """Return the shown clips of a clip's group, in order."""
        wanted = self._group_of.get(clip_id)
        ids = (each for each, group in self._group_of.items() if group == wanted)
        rows = [row for each in ids if (row := self._collection.row(each)) is not None]
        return Group.of(wanted, rows).rows if wanted else ()

    def set_open(self, clip_id: str, *, opened: bool) -> None:
        """Show or hide the members of the group of a clip."""
        group = self._group_of.get(clip_id)
        if group is None or (group in self._open) == opened:
            return
        self._open = self._open | {group} if opened else self._open - {group}
        self._rearrange()

    def _on_change(self, clip_ids: list[str] | None) -> None:
        if clip_ids is None or any(self._joins(clip_id) for clip_id in clip_ids):
            if clip_ids is not None or not self._insert_first():
                self._rearrange()
            return
        touched = {self._group_of.get(clip_id) for clip_id in clip_ids}
        places = [at for clip_id in clip_ids if (at := self._places.get(clip_id)) is not None]
        if len(places) < len(clip_ids) or any(
            f"{group}:" in self._places for group in touched if group is not None
        ):
            self._rearrange()  # a group shows what its best take is
            return
        for place in places:
            row = self._collection.row(self._shown[place].row.id)
            if row is not None:
                group = self._group_of[row.id] = group_id(row, self._collection.row)
                self._group_ids.add(group)
                self._shown[place] = self._alone[row.id] = _alone(row, group)
        # Emit one range that covers all rows: a view then updates once.
        self.dataChanged.emit(self.index(min(places)), self.index(max(places)))

    def _insert_first(self) -> bool:
        """Insert a clip that is new at the top and in no group, as most are; return whether it is.

        It spares arranging all lines anew, which takes tens of milliseconds in a large project.
        """
        rows = self._collection.shown
        if len(rows) != len(self._group_of) + 1 or rows[0].id in self._group_of:
            return False
        row, find = rows[0], self._collection.row
        group = group_id(row, find)
        if group in self._group_ids or [each.id for each in rows[1:]] != self._flat:
            return False
        if any(source_of(each, find) is row for each in rows[1:] if each.recipe is not None):
            return False  # what was made from it was there first
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._alone[row.id] = _alone(row, group)
        self._shown.insert(0, self._alone[row.id])
        self._ids.insert(0, row.id)
        self._flat.insert(0, row.id)
        self._places = {each: place for place, each in enumerate(self._ids)}
        self._group_of[row.id] = group
        self._group_ids.add(group)
        self.endInsertRows()
        return True

    def _joins(self, clip_id: str) -> bool:
        """Return whether a clip now belongs to a group that others are in."""
        row = self._collection.row(clip_id)
        if row is None:
            return False
        group = group_id(row, self._collection.row)
        return group != self._group_of.get(clip_id) and group in self._group_ids

    def _rearrange(self) -> None:
        old_ids, new = self._ids, self._entries()
        self._ids = list(self._places)
        if self._ids == old_ids:
            self._shown = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
        elif not self._insert_one_stretch(old_ids, new):
            self.beginResetModel()
            self._shown = new
            self.endResetModel()

    def _entries(self) -> list[Entry]:
        """Return all lines, and remember where each is."""
        find = self._collection.row
        shown = self._collection.shown
        if len(self._alone) > _MOST_GONE + self._collection.total:
            self._alone = {each: line for each, line in self._alone.items() if find(each)}
        groups = grouped(shown, find)
        self._flat = [row.id for row in shown]
        self._group_of = {row.id: group for group, rows in groups.items() for row in rows}
        self._group_ids = set(groups)
        entries: list[Entry] = []
        for group, rows in groups.items():
            if len(rows) > 1:
                entries += self._lines_of(Group.of(group, rows))
                continue
            line = self._alone.get(rows[0].id)
            if line is None or line.row is not rows[0] or line.group != group:
                line = self._alone[rows[0].id] = _alone(rows[0], group)
            entries.append(line)
        self._places = {entry.id: place for place, entry in enumerate(entries)}
        return entries

    def _lines_of(self, group: Group) -> list[Entry]:
        is_open = group.id in self._open
        best, last = group.best, group.rows[-1]
        title, caption = best.shown_title, group.caption
        head = Entry(best, Kind.GROUP, group.id, title, caption, is_open=is_open)
        if not is_open:
            return [head]
        has_takes = sum(1 for row in group.rows if is_take(row)) > 1
        return [
            head,
            *(
                Entry(
                    row,
                    Kind.LAST_MEMBER if row is last else Kind.MEMBER,
                    group.id,
                    row.mark.title or name_in_group(row),
                    from_text(row, self._collection.row),
                    is_best=row is best and has_takes,
                )
                for row in group.rows
            ),
        ]

    def _insert_one_stretch(self, old_ids: list[str], new: list[Entry]) -> bool:
        """Insert new lines that are contiguous, which keeps the selection; return whether."""
        new_ids = self._ids
        added = len(new_ids) - len(old_ids)
        if added <= 0:
            return False
        first = next(
            (at for at, differ in enumerate(map(ne, old_ids, new_ids)) if differ), len(old_ids)
        )
        if old_ids[first:] != new_ids[first + added :]:
            return False
        self.beginInsertRows(QModelIndex(), first, first + added - 1)
        self._shown = new
        self.endInsertRows()
        if first:
            self.dataChanged.emit(self.index(0), self.index(first - 1))  # a head may be open now
        return True


def _alone(row: ClipRow, group: str) -> Entry:
    if is_take(row):
        return Entry(row, Kind.ALONE, group, row.shown_title)
    return Entry(row, Kind.ALONE, group, row.shown_title, name_in_group(row))
