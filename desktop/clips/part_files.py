"""The stems and the notes of clips as files, which the engine writes when they are wanted."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.clips.export_parts import PartsExport, PartsOf, Written
from desktop.clips.rows import ClipRow
from engine import protocol
from engine.client import Engine
from engine.loops.derive import (
    SKETCH_ID,
    CannotDerive,
    Models,
    check_has_score,
    check_has_stems,
    derived_request,
)
from engine.loops.files import temporary_folder
from engine.loops.recipe import Recipe
from engine.loops.request import SourceMode

_PREFIX = "loopwright-notes-"


def why_no_notes(row: ClipRow) -> str:
    """Return why the notes of a clip are not known; empty if they are."""
    return _why_not(check_has_score, row)


def why_no_stems(row: ClipRow) -> str:
    """Return why the stems of a clip cannot be made; empty if they can."""
    return _why_not(check_has_stems, row)


def _why_not(check: Callable[[Recipe | None], None], row: ClipRow) -> str:
    try:
        check(row.recipe)
    except CannotDerive as error:
        return str(error)
    return ""


def notes_of(row: ClipRow) -> PartsOf:
    """Return the notes of a clip that has them."""
    return PartsOf(row.path)


def stems_of(row: ClipRow) -> PartsOf:
    """Return the stems of a clip that has parts."""
    models = Models(chosen=SKETCH_ID, modes={})
    return PartsOf(row.path, derived_request(SourceMode.STEMS, row.id, row.recipe, models))


class PartFiles:
    """Stems become clips of the project; notes are in a temporary folder, as programs copy them.

    Attributes:
        on_problem: called with a sentence if something cannot be written.
    """

    def __init__(self, engine: Engine, project: Path) -> None:
        """Prepare; nothing is written before it is wanted."""
        self.on_problem: Callable[[str], None] = lambda _text: None
        self._project = project
        self._parts = PartsExport(engine)
        self._folder: Path | None = None
        self._made: dict[PartsOf, list[Path]] = {}
        self._wanted: tuple[Sequence[PartsOf], Callable[[list[Path]], None]] | None = None
        self._busy = False

    def want(self, parts: Sequence[PartsOf], then: Callable[[list[Path]], None]) -> None:
        """Call `then` with the files of all parts, once they are there; the newest call counts."""
        self._wanted = parts, then
        self._go_on()

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to what is written here."""
        return self._parts.on_event(event)

    def close(self) -> None:
        """Stop writing, and delete the notes."""
        self._wanted = None
        self._parts.cancel()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _go_on(self) -> None:
        """Have the next part written, or hand over all of them."""
        if self._busy or self._wanted is None:
            return
        parts, then = self._wanted
        missing = next((part for part in parts if not self._is_there(part)), None)
        if missing is None:
            self._wanted = None
            then([file for part in parts for file in self._made[part]])
            return
        try:
            folder = self._project if missing.request else self._notes_folder()
        except OSError as error:
            self._fail(str(error))
            return
        self._busy = True
        self._parts.write(
            [missing], folder, lambda _done: None, lambda *end: self._end(missing, *end)
        )

    def _is_there(self, part: PartsOf) -> bool:
        files = self._made.get(part, [])
        return bool(files) and all(file.exists() for file in files)

    def _notes_folder(self) -> Path:
        self._folder = self._folder or temporary_folder(_PREFIX)
        return self._folder

    def _end(self, part: PartsOf, written: Written, problems: list[str]) -> None:
        self._busy = False
        self._made[part] = [file for _part, file in written]
        if problems:
            self._fail(problems[0])
        elif self._is_there(part):
            self._go_on()
        elif self._wanted is not None:
            self._fail(f"The parts of {part.clip.name} were removed as they were made: try again.")

    def _fail(self, why: str) -> None:
        self._wanted = None
        self.on_problem(why)
