"""Exports the selected clips on a thread, with progress, until it is done or cancelled."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.clips.clip_list import ClipList
from desktop.clips.export_sheet import ExportSheet
from desktop.clips.rows import ClipRow
from desktop.state.notices import Notices, Offer
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from engine.loops.errors import LoopError
from engine.loops.export import ExportClip, Format, write_export
from engine.loops.export_names import Named, file_names
from engine.loops.project import Project

_FOLDER = "exports"
"""Where the first export goes: a folder inside the project, whose files are not in its list."""
_MOST_NAMED = 3


class _Stopped(Exception):
    """The export was cancelled."""


class Outcome(NamedTuple):
    """How many files were written into a folder, and a sentence for each that was not."""

    folder: Path
    written: int
    problems: list[str]
    was_cancelled: bool = False


class ExportController:
    """Opens the export panel for the selected clips, and carries out what it asks for."""

    def __init__(
        self,
        window: QWidget,
        clips: ClipList,
        project: Path,
        settings: Settings,
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        self._list = clips
        self._settings = settings
        self._notices = notices
        self._thread = Background("export", main_thread)
        self._folder = Path(settings.export_to) if settings.export_to else project / _FOLDER
        self._rows: list[ClipRow] = []
        self._stop = threading.Event()
        self.sheet = ExportSheet(window, settings)
        self._report = main_thread.wrap(self.sheet.show_progress)
        self.sheet.wanted.connect(self._export)
        self.sheet.cancelled.connect(lambda: self._stop.set())  # noqa: PLW0108 - it is replaced
        self.sheet.folder_clicked.connect(self._choose_folder)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return the handler of the action, by its id."""
        return {"export": self.open}

    def open(self) -> None:
        """Ask how to export the selected clips."""
        self._rows = self._list.chosen_rows()
        if not self._rows:
            self._notices.info("Choose a loop first.", topic="export")
            return
        self.sheet.show_clips([_named(row) for row in self._rows], str(self._folder))

    def close(self) -> None:
        """Cancel what is being exported, and end the thread."""
        self._stop.set()
        self._thread.close()

    def _choose_folder(self) -> None:
        start = self._folder if self._folder.is_dir() else self._folder.parent
        chosen = QFileDialog.getExistingDirectory(self.sheet, "Export to", str(start))
        if chosen:
            self._folder = Path(chosen)
            self._settings.export_to = chosen
            self.sheet.show_folder(chosen)

    def _export(self, form: Format, pattern: str) -> None:
        self.sheet.keep(self._settings)
        self.sheet.show_problem("")
        self.sheet.show_working(working=True)
        self._stop = stop = threading.Event()
        wanted = [(row.path, row.mark.title) for row in self._rows]
        folder, report = self._folder, self._report

        def work() -> Outcome:
            return _write(wanted, form, pattern, folder, report, stop)

        self._thread.run(work, self._finish, expected=LoopError, on_error=self._show_failure)

    def _finish(self, outcome: Outcome) -> None:
        folder, written, problems, was_cancelled = outcome
        if was_cancelled:
            self._notices.info(f"Cancelled. {_exported(written, folder)}", topic="export")
            return
        if problems:
            more = len(problems) - _MOST_NAMED
            named = [*problems[:_MOST_NAMED], *([f"And {more} more."] if more > 0 else [])]
            self._show_failure(LoopError(" ".join([_exported(written, folder), *named])))
            return
        self.sheet.dismiss()
        offer = Offer("Show folder", lambda: show_folder(folder))
        self._notices.info(_exported(written, folder), topic="export", offer=offer)

    def _show_failure(self, error: Exception) -> None:
        self.sheet.show_working(working=False)
        self.sheet.show_problem(str(error))


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _exported(count: int, folder: Path) -> str:
    loops = "1 loop" if count == 1 else f"{count:,} loops"
    return f"Exported {loops} to {folder.name}."


def _named(row: ClipRow) -> Named:
    if row.recipe is not None:
        return Named.of(row.path.stem, row.recipe, row.mark.title)
    return Named(name=row.path.stem, title=row.shown_title)


def _write(
    wanted: Sequence[tuple[Path, str]],
    form: Format,
    pattern: str,
    folder: Path,
    report: Callable[[int], None],
    stop: threading.Event,
) -> Outcome:
    """Write all clips that can be written; on the thread.

    Raises:
        ProjectError: the folder cannot be written to.
    """

    def check() -> None:
        if stop.is_set():
            raise _Stopped

    clips, problems = _readable(wanted)
    project = Project.open(folder)
    suffixes = [clip.suffix(form) for clip in clips]
    names = file_names([clip.named for clip in clips], pattern, suffixes)
    written = 0
    for clip, name in zip(clips, names, strict=True):
        try:
            check()
            write_export(clip, name, form, project, check)
            written += 1
        except _Stopped:
            return Outcome(folder, written, problems, was_cancelled=True)
        except LoopError as error:
            problems.append(str(error))
        report(written + len(problems))
    return Outcome(folder, written, problems)


def _readable(wanted: Sequence[tuple[Path, str]]) -> tuple[list[ExportClip], list[str]]:
    """Return the clips that can be read, and a sentence for each of the others."""
    clips, problems = [], []
    for path, title in wanted:
        try:
            clips.append(ExportClip.read(path, title))
        except LoopError as error:
            problems.append(str(error))
    return clips, problems
