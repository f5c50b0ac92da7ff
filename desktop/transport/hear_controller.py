"""Keeps what is heard, and what leaves the window, at the session's tempo and key, and edited."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.transport.audition import Heard
from desktop.transport.edited import EditedSounds
from desktop.transport.fitting import ClipSound, FittedSounds, Hearing, Sound, kept_in
from desktop.transport.hear_switch import HearSwitch
from desktop.transport.strip import Transport
from engine.client import Engine
from engine.loops.edits import NONE, Edits, bars_in
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_recipe

_SETTLE_MS = 250
"""A tempo that is dragged is fitted to once it rests."""


class HearController(QObject):
    """Follows the session and the switches.

    `changed` is emitted when other files are to be played: the session or a switch has changed, or
    a fitted or edited sound is there.
    """

    changed = Signal()
    kept = Signal()
    """A fitted sound has become a clip of the project."""

    def __init__(
        self,
        engine: Engine,
        project: Path,
        transport: Transport,
        switch: HearSwitch,
        notices: Notices,
    ) -> None:
        super().__init__(transport)
        self.find: Callable[[Path], ClipSound | None] = lambda _file: None
        """Returns a clip by its file; None if its tempo is not known."""
        self._project = project
        self._notices = notices
        self._transport = transport
        self._switch = switch
        self._outgoing: list[tuple[Sequence[Path], Callable[[list[Path]], None]]] = []
        self.fitted = fitted = FittedSounds(engine)
        fitted.set_time(transport.time)
        fitted.on_ready = self._on_ready
        fitted.on_problem = lambda text: notices.warning(text, topic="fitting")
        self.edited = EditedSounds()
        self.edited.on_ready = self.changed.emit
        self.edited.on_problem = lambda text: notices.error(text, topic="edits")
        switch.changed.connect(self._on_ready)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self._settle)
        for changed in (transport.time_changed, transport.time_shown):
            changed.connect(self._timer.start)

    @property
    def hearing(self) -> Hearing:
        """What of the session loops are heard in."""
        return self._switch.hearing

    def sound(self, clip: ClipSound, hearing: Hearing) -> Sound | None:
        """Return a clip as it is heard; None while it is being fitted.

        Until its edits are applied, it is heard without them.
        """
        base = self.fitted.fitted(clip.id, clip.sound, hearing)
        return None if base is None else self.edited.edited(base, clip.edits)

    def heard(self, file: Path) -> Path:
        """Return the file to play for a clip's file: until another is there, the clip's own."""
        return self.auditioned(file).file

    def auditioned(self, file: Path) -> Heard:
        """Return the file to play for a clip's file, and which of its bars that has."""
        clip = self.find(file)
        if clip is None:
            return Heard(file)
        base = self._fitted(clip) or clip.sound
        sound = self.edited.edited(base, clip.edits)
        if sound is base:
            return Heard(sound.path)
        grid = base.recipe.grid
        return Heard(sound.path, bars_in(sound.recipe.edits, grid), grid.bars)

    def taken_out(self, file: Path) -> Path:
        """Return the file that leaves the window for a clip's file.

        What is fitted or edited becomes a clip of the project then.
        """
        clip = self.find(file)
        if clip is None:
            return file
        base = self._fitted(clip)
        if base is None:
            text = (
                "The stretched version is not ready yet, so the original was dragged: try again "
                "in a moment."
            )
            self._notices.warning(text, topic="fitting")
            base = clip.sound
        return self._kept(base, clip.edits)

    def edited_file(self, file: Path) -> Path:
        """Return the file of a clip with its edits, not fitted to the session."""
        clip = self.find(file)
        try:
            return file if clip is None else self.edited.edited_now(clip.sound, clip.edits).path
        except LoopError as error:
            self._notices.error(str(error), topic="edits")
            return file

    def edited_out(self, file: Path, edits: Edits) -> Path:
        """Return the file that leaves the window for a clip's file with edits."""
        recipe = None if edits == NONE else read_recipe(file)
        return file if recipe is None else self._kept(Sound(file, recipe), edits)

    def _kept(self, sound: Sound, edits: Edits) -> Path:
        """Return the file of a sound with edits in the project, or its own if that fails."""
        try:
            out = kept_in(self._project, self.edited.edited_now(sound, edits).path)
        except LoopError as error:
            self._notices.error(str(error), topic="fitting")
            return sound.path
        if out != sound.path:
            self.kept.emit()
        return out

    def when_there(self, files: Sequence[Path], then: Callable[[list[Path]], None]) -> None:
        """Call `then` with the files that leave the window, as soon as all of them are there."""
        clips = [clip for file in files if (clip := self.find(file)) is not None]
        if all(self._fitted(clip) for clip in clips):
            then([self.taken_out(file) for file in files])
        else:
            self._outgoing.append((files, then))

    def keep(self, settings: Settings) -> None:
        """Store the switches in the settings."""
        settings.hear_tempo, settings.hear_key = self.hearing

    def close(self) -> None:
        """Stop following, and delete what was made."""
        self._timer.stop()
        self.fitted.close()
        self.edited.close()

    def _fitted(self, clip: ClipSound) -> Sound | None:
        """Return a clip as it fits the session; None while that is being made."""
        return self.fitted.fitted(clip.id, clip.sound, self.hearing)

    def _settle(self) -> None:
        if self._transport.time != self.fitted.time:
            self.fitted.set_time(self._transport.time)
            self._on_ready()

    def _on_ready(self) -> None:
        self.changed.emit()
        outgoing, self._outgoing = self._outgoing, []
        for files, then in outgoing:
            self.when_there(files, then)
