"""Exports the selected clips on a thread, with progress, until it is done or cancelled."""

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from desktop.clips.clip_list import ClipList
from desktop.clips.export_parts import PartsExport, PartsOf, Written
from desktop.clips.export_sheet import Contents, ExportSheet
from desktop.clips.part_files import notes_of, stems_of, why_no_notes, why_no_stems
from desktop.clips.rows import ClipRow, Mark
from desktop.state.notices import Notices, Offer
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from engine.client import Engine
from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError
from engine.loops.export import ExportClip, Format, named_with, replace_with_edited, write_export
from engine.loops.export_names import KEEP_NAMES, Named, file_names
from engine.loops.files import temporary_folder
from engine.loops.project import Project

_FOLDER = "exports"
"""Where the first export goes: a folder inside the project, whose files are not in its list."""
_PREFIX = "loopwright-export-"
_MOST_NAMED = 3


class _Stopped(Exception):
    """The export was cancelled."""


class Wanted(NamedTuple):
    """A clip to export, and the title and edits that it gets there."""

    path: Path
    mark: Mark


class Outcome(NamedTuple):
    """What was written.

    Attributes:
        files: the new file of each clip's.
        problems: a sentence for each that could not be written.
        trimmed: of clips whose notes alone are exported, temporary files with their edits.
    """

    files: dict[Path, Path]
    problems: list[str]
    trimmed: dict[Path, Path] = {}  # noqa: RUF012 - it is never changed


class ExportController:
    """Opens the export panel for the selected clips, and carries out what it asks for."""

    def __init__(
        self,
        clips: ClipList,
        engine: Engine,
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
        self._copies: Path | None = None
        """The folder of temporary files, once one was needed."""
        self.parts = PartsExport(engine)
        self.sheet = ExportSheet(clips.window(), settings)
        self._report = main_thread.wrap(self.sheet.show_progress)
        self.sheet.wanted.connect(self._export)
        self.sheet.cancelled.connect(self._cancel)
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
        reasons = [reason for row in self._rows if (reason := why_no_notes(row))]
        why = reasons[0] if len(reasons) == len(self._rows) else ""
        self.sheet.show_clips([_named(row) for row in self._rows], str(self._folder), why)

    def close(self) -> None:
        """Cancel what is being exported, and end the thread."""
        self._cancel()
        self._thread.close()
        if self._copies is not None:
            shutil.rmtree(self._copies, ignore_errors=True)

    def _cancel(self) -> None:
        self._stop.set()
        self.parts.cancel()

    def _choose_folder(self) -> None:
        start = self._folder if self._folder.is_dir() else self._folder.parent
        chosen = QFileDialog.getExistingDirectory(self.sheet, "Export to", str(start))
        if chosen:
            self._folder = Path(chosen)
            self._settings.export_to = chosen
            self.sheet.show_folder(chosen)

    def _export(self, form: Format, pattern: str, contents: Contents) -> None:
        self.sheet.keep(self._settings)
        self.sheet.show_problem("")
        parts = self._parts(contents)
        audio = [Wanted(row.path, row.mark) for row in self._rows] if contents.audio else []
        self.sheet.show_working(len(audio) + len(parts))
        self._stop = stop = threading.Event()
        folder, report = self._folder, self._report
        trimmed = self._trimmed(parts) if contents.midi and not contents.audio else []

        def work() -> Outcome:
            outcome = _write(audio, form, pattern, folder, report, stop)
            if not trimmed:
                return outcome
            copies = _write(trimmed, Format(), KEEP_NAMES, self._for_copies(), _unseen, stop)
            return Outcome(outcome.files, copies.problems, copies.files)

        def go_on(outcome: Outcome) -> None:
            self._write_parts(parts, outcome, contents)

        self._thread.run(work, go_on, expected=LoopError, on_error=self._show_failure)

    def _parts(self, contents: Contents) -> list[PartsOf]:
        """Return what the engine shall write: stems and notes of the clips that have them."""
        parts = []
        for row in self._rows:
            if contents.stems and not why_no_stems(row):
                parts.append(stems_of(row))
            if contents.midi and not why_no_notes(row):
                parts.append(notes_of(row))
        return parts

    def _trimmed(self, parts: list[PartsOf]) -> list[Wanted]:
        """Return the clips of which the notes of some bars alone are wanted."""
        notes = {part.clip for part in parts if part.request is None}
        return [
            Wanted(row.path, row.mark)
            for row in self._rows
            if row.path in notes and row.mark.edits.bars is not None
        ]

    def _for_copies(self) -> Path:
        """Return a folder for temporary files; on the thread.

        Raises:
            LoopError: it cannot be made.
        """
        try:
            self._copies = self._copies or temporary_folder(_PREFIX)
        except OSError as error:
            raise LoopError(f"Trimmed notes need a temporary folder: {error}") from error
        return self._copies

    def _write_parts(self, parts: list[PartsOf], outcome: Outcome, contents: Contents) -> None:
        """Have stems and notes written, once the audio is; notes are named like the audio."""
        files, problems, trimmed = outcome
        if contents.stems or contents.midi:
            why_not = why_no_stems if contents.stems else why_no_notes
            problems = [*problems, *(why for row in self._rows if (why := why_not(row)))]
        copies = {**files, **trimmed}
        named = [
            part._replace(clip=copies.get(part.clip, part.clip)) if part.request is None else part
            for part in parts
        ]
        what = "file" if contents.stems or contents.midi else "loop"
        self.parts.write(
            [] if self._stop.is_set() else named,
            self._folder,
            lambda done: self.sheet.show_progress(len(files) + done),
            lambda parts, failed: self._edit_stems(
                parts, lambda more: self._finish(
                    len(files) + len(parts), what, [*problems, *failed, *more]
                )
            ),
        )  # fmt: skip

    def _edit_stems(self, written: Written, then: Callable[[list[str]], None]) -> None:
        """Apply the edits of clips to their stems, too; `then` gets a sentence for each failure."""
        edits = {row.path: row.mark.edits for row in self._rows}
        stems = [
            (file, edits[part.clip])
            for part, file in written
            if part.request is not None and edits.get(part.clip, NONE) != NONE
        ]
        if stems:
            self._thread.run(lambda: _edited(stems), then)
        else:
            then([])

    def _finish(self, written: int, what: str, problems: list[str]) -> None:
        folder = self._folder
        exported = f"Exported {written:,} {what}{'s' * (written != 1)} to {folder.name}."
        if self._stop.is_set():
            self._notices.info(f"Cancelled. {exported}", topic="export")
        elif problems:
            more = len(problems) - _MOST_NAMED
            named = [*problems[:_MOST_NAMED], *([f"And {more} more."] if more > 0 else [])]
            self._show_failure(LoopError(" ".join([exported, *named])))
        else:
            self.sheet.dismiss()
            offer = Offer("Show folder", lambda: show_folder(folder))
            self._notices.info(exported, topic="export", offer=offer)

    def _show_failure(self, error: Exception) -> None:
        self.sheet.show_working(0)
        self.sheet.show_problem(str(error))


def _unseen(_written: int) -> None:
    """Report nothing."""


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _edited(stems: list[tuple[Path, Edits]]) -> list[str]:
    """Put edited stems in the place of stems; return a sentence for each that failed."""
    problems = []
    for file, edits in stems:
        try:
            replace_with_edited(file, edits)
        except LoopError as error:
            problems.append(str(error))
    return problems


def _named(row: ClipRow) -> Named:
    if row.recipe is not None:
        return named_with(row.mark.edits, row.path.stem, row.recipe, row.mark.title)
    return Named(name=row.path.stem, title=row.shown_title)


def _write(
    wanted: Sequence[Wanted],
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
    files: dict[Path, Path] = {}
    for clip, name in zip(clips, names, strict=True):
        try:
            check()
            files[clip.facts.path] = write_export(clip, name, form, project, check)
        except _Stopped:
            break
        except LoopError as error:
            problems.append(str(error))
        report(len(files) + len(problems))
    return Outcome(files, problems)


def _readable(wanted: Sequence[Wanted]) -> tuple[list[ExportClip], list[str]]:
    """Return the clips that can be read, and a sentence for each of the others."""
    clips, problems = [], []
    for path, mark in wanted:
        try:
            clips.append(ExportClip.read(path, mark.title, mark.edits))
        except LoopError as error:
            problems.append(str(error))
    return clips, problems
