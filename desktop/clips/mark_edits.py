"""Shows edits of titles, stars and tags at once, and writes them to the project file."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from desktop.clips.collection import ClipCollection
from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.state.notices import Notices
from desktop.widgets.project_writer import ProjectWriter


class MarkEdits:
    """Edits the marks of one project.

    Once all writes for a clip have ended, its mark is shown as the file has it: after a failed
    write, that is the earlier mark.
    """

    def __init__(
        self, marks: Marks, collection: ClipCollection, writer: ProjectWriter, notices: Notices
    ) -> None:
        self.on_shown: Callable[[str], None] = lambda _clip_id: None
        """Called with the id of each clip whose shown mark has changed."""
        self.on_edited: Callable[[], None] = lambda: None
        """Called when a clip is to be heard with other edits."""
        self._marks = marks
        self._collection = collection
        self._writer = writer
        self._notices = notices
        self._stored: dict[str, Mark] = {}
        self._unfinished: Counter[str] = Counter()

    def read(self) -> Callable[[], None]:
        """Read the marks on the writer's thread; what is returned expects them in the list."""
        stored = self._marks.read()

        def expect() -> None:
            self._stored = stored
            for clip_id, mark in stored.items():
                if self._unfinished[clip_id]:
                    continue
                row = self._collection.row(clip_id)
                if row is None or row.mark == mark:
                    self._collection.expect_mark(clip_id, mark)
                else:  # Its folder is back, and the clip was found before the file was read.
                    self._show(clip_id, mark)

        return expect

    def snapshot(self) -> Callable[[Path], None]:
        """Return a function that writes all marks, also unwritten ones, to another folder."""
        rows = [self._collection.row(clip_id) for clip_id in +self._unfinished]
        marks = self._stored | {row.id: row.mark for row in rows if row is not None}
        return lambda folder: Marks(folder).write(marks)

    def apply(self, changes: dict[str, Mark]) -> None:
        """Show new marks, by clip id, and write them."""

        def succeed() -> None:
            self._stored |= changes
            self._end(changes)

        def fail(error: Exception) -> None:
            self._notices.error(str(error), topic="marks")
            self._end(changes)

        self._unfinished.update(changes.keys())
        for clip_id, mark in changes.items():
            self._show(clip_id, mark)
        self._writer.write(lambda: self._marks.write(changes), succeed, fail)

    def _end(self, changes: dict[str, Mark]) -> None:
        self._unfinished.subtract(changes.keys())
        for clip_id in changes:
            if not self._unfinished[clip_id]:
                self._show(clip_id, self._stored.get(clip_id, Mark()))

    def _show(self, clip_id: str, mark: Mark) -> None:
        row = self._collection.row(clip_id)
        if row is not None and row.mark != mark:
            self._collection.mark(clip_id, mark)
            self.on_shown(clip_id)
            if row.mark.edits != mark.edits:
                self.on_edited()
