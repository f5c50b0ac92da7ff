"""Brings loops to the session's tempo and key, in the background, for listening.

The engine makes each fitted sound as a whole clip in a temporary folder; until it is there, whoever
asked plays the original, or waits. Nothing here appears in the queue or in the project.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine import protocol
from engine.client import Engine
from engine.errors import EngineDied
from engine.loops.derive import fitting_request
from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError
from engine.loops.files import temporary_folder
from engine.loops.precedence import SessionTime
from engine.loops.project import Project
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest

_PREFIX = "loopwright-fitted-"
_MOST_KEPT = 128


class Sound(NamedTuple):
    """A file to play, and its recipe."""

    path: Path
    recipe: Recipe


class ClipSound(NamedTuple):
    """A clip: its id, its own sound, and the edits that it is heard with."""

    id: str
    sound: Sound
    edits: Edits = NONE


class Hearing(NamedTuple):
    """What of the session loops are heard in."""

    tempo: bool = False
    key: bool = False


NOTHING = Hearing()


class FittedSounds:
    """The fitted sounds of one window; use it on the window's thread.

    Attributes:
        time: the session that loops are fitted to.
        on_ready: called when the fitted sound of a clip is there.
        on_problem: called with a sentence if a clip cannot be fitted.
    """

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is made before it is asked for."""
        self.time = SessionTime()
        self.on_ready: Callable[[], None] = lambda: None
        self.on_problem: Callable[[str], None] = lambda _text: None
        self._engine = engine
        self._folder: Path | None = None
        self._made: dict[LoopRequest, Sound] = {}
        self._failed: set[LoopRequest] = set()
        self._waiting: dict[LoopRequest, Path] = {}
        """What was asked for, with the file of its source."""
        self._jobs: dict[str, LoopRequest] = {}

    def fitted(self, clip_id: str, original: Sound, hearing: Hearing) -> Sound | None:
        """Return a clip as it fits the session; None if that is still being made.

        Args:
            clip_id: the clip.
            original: its own sound, which is returned if it fits, or cannot be fitted.
            hearing: what it shall fit.
        """
        tempo, key = hearing
        request = fitting_request(clip_id, original.recipe, self.time, tempo=tempo, key=key)
        if request is None or request in self._failed:
            return original
        if request not in self._made and request not in self._waiting:
            self._waiting[request] = original.path
            self._ask_next()
        return self._made.get(request)

    def set_time(self, time: SessionTime) -> None:
        """Fit to another session from now on; what nobody waits for any more is cancelled."""
        before, self.time = self.time, time
        if (time.bpm, time.key) == (before.bpm, before.key):
            return
        self._waiting.clear()
        for job_id in self._jobs:
            self._engine.cancel(job_id)

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to a sound that is made here."""
        if isinstance(event, protocol.Ready):
            self._ask_next()
        if not isinstance(event, protocol.JobEvent) or event.id not in self._jobs:
            return False
        request = self._jobs[event.id]
        if isinstance(event, protocol.TakeReady):
            self._keep(request, Sound(Path(event.clip.path), event.clip.recipe))
        elif isinstance(event, protocol.Terminal):
            self._end(request, event)
        return True

    def close(self) -> None:
        """Delete the sounds."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ask_next(self) -> None:
        """Have the engine make the sound that was asked for last, unless it makes one already.

        So a loop that is generated waits for one of them at most. If the engine is down, this is
        tried again once it is ready.
        """
        if self._jobs or not self._waiting:
            return
        request = next(reversed(self._waiting))
        try:
            folder = self._folder = self._folder or temporary_folder(_PREFIX)
            job_id = self._engine.render(request, folder, self._waiting[request])
        except EngineDied:
            return
        except (LoopError, OSError) as error:
            self._fail(request, str(error))
        else:
            self._jobs[job_id] = request

    def _keep(self, request: LoopRequest, sound: Sound) -> None:
        self._made[request] = sound
        while len(self._made) > _MOST_KEPT:
            oldest = self._made.pop(next(iter(self._made)))
            oldest.path.unlink(missing_ok=True)

    def _end(self, request: LoopRequest, event: protocol.Terminal) -> None:
        del self._jobs[event.id]
        if not isinstance(event, protocol.Cancelled):  # or it may have been asked for again since
            self._waiting.pop(request, None)
        if isinstance(event, protocol.Failed):
            self._fail(request, event.message)
        elif request in self._made:
            self.on_ready()
        self._ask_next()

    def _fail(self, request: LoopRequest, why: str) -> None:
        self._waiting.pop(request, None)
        self._failed.add(request)
        self.on_problem(f"A loop cannot be fitted to the session: {why}")
        self.on_ready()


def kept_in(project: Path, sound: Path) -> Path:
    """Return the file of a sound in a project, where a fitted one becomes a clip of its own.

    Raises:
        LoopError: it cannot be written.
    """
    if sound.parent == project:
        return sound
    return Project(project).write_once(sound.name, sound.read_bytes())
