"""Makes the edited sounds of clips, as files that whatever plays or takes out clips can use."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from desktop.transport.fitting import Sound
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from engine.loops.edited import edited_recipe
from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError
from engine.loops.export import ExportClip, Format, write_export
from engine.loops.files import temporary_folder
from engine.loops.project import Project

_PREFIX = "loopwright-edited-"
_MOST_KEPT = 128

_Wanted = tuple[Path, Edits]


class EditedSounds:
    """The edited sounds of one window, in a temporary folder; use it on the window's thread.

    Attributes:
        on_ready: called when an edited sound is there.
        on_problem: called with a sentence if a clip cannot be edited.
    """

    def __init__(self) -> None:
        """Prepare; nothing is made before it is asked for."""
        self.on_ready: Callable[[], None] = lambda: None
        self.on_problem: Callable[[str], None] = lambda _text: None
        self._main_thread = MainThread()
        self._background = Background("edits", self._main_thread)
        self._writing = threading.Lock()
        self._folder: Path | None = None
        self._made: dict[_Wanted, Sound] = {}
        self._latest: dict[Path, Sound] = {}
        self._waiting: set[_Wanted] = set()
        self._failed: set[_Wanted] = set()

    def edited(self, sound: Sound, edits: Edits) -> Sound:
        """Return a sound with edits.

        Until that is made, it is the sound as it was last edited, or as it is; if it cannot be
        made, as it is.
        """
        wanted = sound.path, edits
        if edits == NONE or wanted in self._failed:
            return sound
        if wanted not in self._made and wanted not in self._waiting:
            self._waiting.add(wanted)
            self._background.run(
                lambda: self._written(sound, edits), lambda made: self._keep(wanted, made),
                expected=LoopError, on_error=lambda error: self._fail(wanted, error),
            )  # fmt: skip
        return self._made.get(wanted) or self._latest.get(sound.path, sound)

    def edited_now(self, sound: Sound, edits: Edits) -> Sound:
        """Return a sound with edits, which may take a tenth of a second.

        Raises:
            LoopError: it cannot be read or written.
        """
        if edits == NONE:
            return sound
        return self._made.get((sound.path, edits)) or self._written(sound, edits)

    def close(self) -> None:
        """Delete the sounds."""
        self._background.close()
        self._main_thread.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _written(self, sound: Sound, edits: Edits) -> Sound:
        """Write a sound with edits, unless the file is there; on any thread."""
        clip = ExportClip.read(sound.path, edits=edits)
        try:
            with self._writing:
                folder = self._folder = self._folder or temporary_folder(_PREFIX)
                name = f"{clip.named.name}{clip.suffix(Format())}"
                path = write_export(clip, name, Format(), Project(folder))
        except OSError as error:
            raise LoopError(f"The edits of {sound.path.name} cannot be applied: {error}") from error
        return Sound(path, edited_recipe(sound.recipe, edits))

    def _keep(self, wanted: _Wanted, made: Sound) -> None:
        self._waiting.discard(wanted)
        self._made[wanted] = self._latest[wanted[0]] = made
        while len(self._made) > _MOST_KEPT:
            oldest = next(iter(self._made))
            gone = self._made.pop(oldest)
            if self._latest.get(oldest[0]) is gone:
                del self._latest[oldest[0]]
            gone.path.unlink(missing_ok=True)
        self.on_ready()

    def _fail(self, wanted: _Wanted, error: Exception) -> None:
        self._waiting.discard(wanted)
        self._failed.add(wanted)
        self.on_problem(str(error))
