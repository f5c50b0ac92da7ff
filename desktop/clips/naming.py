"""Gives the selected clips tags, and puts them into collections."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from desktop.clips.clip_list import ClipList
from desktop.clips.collection import ClipCollection
from desktop.clips.lineage import name_alone
from desktop.clips.name_sheet import NameSheet
from desktop.clips.rows import ClipRow, Mark
from desktop.state.notices import Notices

_ACTIONS = {"tags": "edit_tags", "collections": "collect"}
"""The fields of a mark that hold names, and the action that changes each."""


class Naming:
    """Asks for the names that the selected clips share; `edit` changes their marks.

    Names that only some of them have stay with those.
    """

    def __init__(
        self,
        clips: ClipList,
        collection: ClipCollection,
        edit: Callable[[dict[str, Mark]], None],
        notices: Notices,
    ) -> None:
        self._list = clips
        self._collection = collection
        self._edit = edit
        self._notices = notices
        self._rows: list[ClipRow] = []
        self.sheets = {field: NameSheet(clips.window(), field) for field in _ACTIONS}
        for field, sheet in self.sheets.items():
            sheet.wanted.connect(partial(self._take, field))

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handlers of the actions, by id."""
        return {action: partial(self.open, field) for field, action in _ACTIONS.items()}

    def open(self, field: str) -> None:
        """Ask for the tags or the collections of the selected clips."""
        self._rows = rows = self._list.chosen_rows()
        if not rows:
            self._notices.info("Choose a loop first.", topic="names")
            return
        known = self._collection.names(field)
        self.sheets[field].show_names(self._title, _shared(field, rows), known)

    @property
    def _title(self) -> str:
        rows = self._rows
        return name_alone(rows[0]) if len(rows) == 1 else f"{len(rows):,} loops"

    def _take(self, field: str, names: tuple[str, ...]) -> None:
        shared = _shared(field, self._rows)
        changes = {}
        for row in self._rows:
            now = self._collection.row(row.id) or row
            own = [name for name in getattr(now.mark, field) if name not in shared]
            kept = tuple(dict.fromkeys((*own, *names)))
            changes[row.id] = msgspec.structs.replace(now.mark, **{field: kept})
        self._edit(changes)
        said = ", ".join(names) or "none"
        self._notices.info(f"{field.capitalize()} of {self._title}: {said}.", topic="names")


def _shared(field: str, rows: Sequence[ClipRow]) -> list[str]:
    """Return the names that all clips have, in the order of the first."""
    return [
        name
        for name in getattr(rows[0].mark, field)
        if all(name in getattr(row.mark, field) for row in rows)
    ]
