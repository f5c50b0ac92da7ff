"""The notes of loops as MIDI files, which the engine writes when they are wanted."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import protocol
from engine.client import Engine
from engine.errors import EngineDied
from engine.loops.files import temporary_folder

_PREFIX = "loopwright-notes-"


class NoteFiles:
    """Writes into a temporary folder: programs copy what is dropped on them.

    Attributes:
        on_problem: called with a sentence if notes cannot be written.
    """

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is written before it is wanted."""
        self.on_problem: Callable[[str], None] = lambda _text: None
        self._engine = engine
        self._folder: Path | None = None
        self._made: dict[Path, Path] = {}
        self._jobs: dict[str, Path] = {}
        self._then: tuple[Sequence[Path], Callable[[list[Path]], None]] | None = None

    def want(self, clips: Sequence[Path], then: Callable[[list[Path]], None]) -> None:
        """Call `then` with the MIDI files of clips that have notes; the newest call counts."""
        self._then = clips, then
        try:
            folder = self._folder = self._folder or temporary_folder(_PREFIX)
            for clip in set(clips) - self._made.keys() - set(self._jobs.values()):
                self._jobs[self._engine.write_midi(clip, folder)] = clip
        except (EngineDied, OSError) as error:
            self._fail(str(error))
        self._proceed()

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to notes that are written here."""
        if not isinstance(event, protocol.JobEvent) or event.id not in self._jobs:
            return False
        if isinstance(event, protocol.MidiWritten):
            self._made[self._jobs[event.id]] = Path(event.path)
        elif isinstance(event, protocol.Terminal):
            del self._jobs[event.id]
            if isinstance(event, protocol.Failed):
                self._fail(event.message)
            self._proceed()
        return True

    def close(self) -> None:
        """Delete the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _proceed(self) -> None:
        if self._then is not None and all(clip in self._made for clip in self._then[0]):
            clips, then = self._then
            self._then = None
            then([self._made[clip] for clip in clips])

    def _fail(self, why: str) -> None:
        self._then = None
        self.on_problem(why)
