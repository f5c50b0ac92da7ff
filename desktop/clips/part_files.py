"""The stems and the notes of clips as files, which the engine writes when they are wanted.

It takes the engine longer to write them than a hand to drag them, so they can be prepared. Stems
that were prepared are in a hidden folder of the project until they are wanted, and then move.
"""

import contextlib
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
from engine.loops.files import Folder, temporary_folder
from engine.loops.project import HIDDEN_FOLDER
from engine.loops.recipe import Recipe
from engine.loops.request import SourceMode

_PREFIX = "loopwright-notes-"
_PREPARED = "stems-"


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
        self._hidden: Path | None = None
        self._prepared: dict[PartsOf, list[Path]] = {}
        """Stems in the hidden folder."""
        self._wanted: tuple[Sequence[PartsOf], Callable[[list[Path]], None]] | None = None
        self._busy = False

    def want(self, parts: Sequence[PartsOf], then: Callable[[list[Path]], None]) -> None:
        """Call `then` with the files of all parts, once they are there; the newest call counts."""
        self._wanted = parts, then
        self._go_on()

    def prepare(self, part: PartsOf) -> None:
        """Have a part written that will probably be wanted, unless something else is."""
        if not (self._busy or self._wanted or part in self._prepared or self._is_there(part)):
            self._write(part, ahead=True)

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to what is written here."""
        return self._parts.on_event(event)

    def close(self) -> None:
        """Stop writing, and delete the notes, and stems that nobody wanted."""
        self._wanted = None
        self._parts.cancel()
        for folder in (self._folder, self._hidden):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _go_on(self) -> None:
        """Have the next part written, or hand over all of them."""
        if self._busy or self._wanted is None:
            return
        parts, then = self._wanted
        for part in parts:
            self._take_prepared(part)
        missing = next((part for part in parts if not self._is_there(part)), None)
        if missing is None:
            self._wanted = None
            then([file for part in parts for file in self._made[part]])
        else:
            self._write(missing, ahead=False)

    def _write(self, part: PartsOf, *, ahead: bool) -> None:
        """Have a part written, or report why it cannot be, unless that is only tried `ahead`."""
        try:
            if part.request is None:
                folder = self._notes_folder()
            else:
                folder = self._hidden_folder() if ahead else self._project
        except OSError as error:
            if not ahead:
                self._fail(str(error))
            return
        self._busy = True
        self._parts.write(
            [part], folder, lambda _done: None,
            lambda written, problems: self._end(part, written, problems, ahead=ahead),
        )  # fmt: skip

    def _take_prepared(self, part: PartsOf) -> None:
        """Make prepared stems loops of the project; what fails is written again."""
        files = self._prepared.pop(part, [])
        with contextlib.suppress(OSError), Folder.open(self._project) as project:
            for file in files:
                project.take_in(file, file.name)
            if files:
                self._made[part] = [self._project / file.name for file in files]

    def _is_there(self, part: PartsOf) -> bool:
        files = self._made.get(part, [])
        return bool(files) and all(file.exists() for file in files)

    def _notes_folder(self) -> Path:
        self._folder = self._folder or temporary_folder(_PREFIX)
        return self._folder

    def _hidden_folder(self) -> Path:
        if self._hidden is None:
            with (
                Folder.open(self._project) as project,
                project.inside(HIDDEN_FOLDER, make=True) as hidden,
            ):
                self._hidden = temporary_folder(_PREPARED, hidden.path)
        return self._hidden

    def _end(self, part: PartsOf, written: Written, problems: list[str], *, ahead: bool) -> None:
        self._busy = False
        files = [file for _part, file in written]
        if ahead and part.request is not None:
            if not problems:
                self._prepared[part] = files
        else:
            self._made[part] = files
        if ahead:
            self._go_on()
        elif problems:
            self._fail(problems[0])
        elif self._is_there(part):
            self._go_on()
        elif self._wanted is not None:
            self._fail(f"The parts of {part.clip.name} were removed as they were made: try again.")

    def _fail(self, why: str) -> None:
        self._wanted = None
        self.on_problem(why)
