"""What is dragged out of the detail view: the loop, its stems, its notes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from desktop.clips.collection import ClipCollection
from desktop.clips.detail import Detail
from desktop.clips.export_parts import PartsOf
from desktop.clips.part_files import PartFiles, notes_of, stems_of, why_no_notes, why_no_stems
from desktop.clips.rows import ClipRow
from desktop.state.notices import Notices
from engine.loops.edits import Edits


class DragOut:
    """Has what is dragged made, if possible before the drag begins."""

    def __init__(
        self, detail: Detail, parts: PartFiles, collection: ClipCollection, notices: Notices
    ) -> None:
        """Connect the handles of the detail view."""
        self.taken_out: Callable[[Path], Path] = lambda file: file
        """Returns the file that another program gets for a clip's file."""
        self.edited: Callable[[Path, Edits], Path] = lambda file, _edits: file
        """Returns the file that another program gets for a clip's file with some edits."""
        self.sounding: Callable[[Path], Path] = lambda file: file
        """Returns the file of a clip with its edits, which may be a temporary one."""
        self._detail = detail
        self._parts = parts
        self._collection = collection
        parts.on_problem = lambda why: notices.error(why, topic="parts")
        detail.out.audio.wanted.connect(self._drag_audio)
        detail.out.stems.wanted.connect(self._drag_stems)
        detail.out.midi.wanted.connect(self._drag_notes)
        detail.out.stems.approached.connect(self._prepare_stems)
        detail.out.midi.approached.connect(self._prepare_notes)
        for handle in (detail.out.stems, detail.out.midi):
            handle.missed.connect(lambda text: notices.info(text, topic="parts"))

    def _edited_row(self) -> ClipRow | None:
        """Return the shown clip with the edits that it is shown with."""
        self._detail.editing.settle()
        return self._detail.row

    def _drag_audio(self) -> None:
        if (row := self._edited_row()) is not None:
            self._detail.out.audio.offer([row.path], self.taken_out)

    def _drag_stems(self) -> None:
        row = self._edited_row()
        if row is None:
            return
        offer = partial(self._offer_stems, row)
        if made := [stem.path for stem in self._collection.stems_of(row)]:
            offer(made)
        else:
            self._parts.want([stems_of(row)], offer)

    def _prepare_stems(self) -> None:
        """Have stems made before the drag begins, which would end before they are there."""
        row = self._detail.row
        if row is not None and not self._collection.stems_of(row) and not why_no_stems(row):
            self._parts.prepare(stems_of(row))

    def _prepare_notes(self) -> None:
        row = self._detail.row
        if row is not None and not row.mark.edits.bars and not why_no_notes(row):
            self._parts.prepare(notes_of(row))

    def _offer_stems(self, row: ClipRow, files: list[Path]) -> None:
        self._detail.out.stems.offer(files, lambda file: self.edited(file, row.mark.edits))

    def _drag_notes(self) -> None:
        if (row := self._edited_row()) is not None:
            notes = PartsOf(self.sounding(row.path)) if row.mark.edits.bars else notes_of(row)
            self._parts.want([notes], self._detail.out.midi.offer)
