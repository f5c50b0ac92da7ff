"""What leaves the layers: their mix as a loop, their loops, to a DAW or dragged out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.clips.part_files import notes_of
from desktop.layers.around import Around
from desktop.layers.ensemble import Arrangement
from desktop.layers.mix import write_mix
from desktop.layers.parts_controller import Heard
from desktop.layers.strip import LayersStrip
from desktop.transport.fitting import kept_in
from desktop.widgets.background import Background
from desktop.widgets.drag_source import DragHandle
from engine.loops.clip import Clip
from engine.loops.errors import LoopError

_EMPTY = "There are no layers yet: drag loops there."


class OutController(QObject):
    """Mixes and copies in the background: reading loops takes a while."""

    written = Signal()
    """Clips were written to the project."""
    send_wanted = Signal(list)
    """The paths of clips to send to the DAW."""

    def __init__(self, strip: LayersStrip, around: Around) -> None:
        super().__init__(strip)
        side = strip.side
        self.heard: Callable[[], list[Heard]] = list
        """Returns the loops that are heard."""
        self.arrangement: Callable[[], Arrangement | None] = lambda: None
        self._project = around.project
        self._notices = around.notices
        self._mixed: tuple[Arrangement, Path] | None = None
        self._background = Background("layers-out", around.main_thread)
        self._parts = around.parts
        side.midi.wanted.connect(lambda: self._write_notes(side.midi.offer))
        side.keep_clicked.connect(lambda: self._mix(self._tell))
        for handle in (side.mix, strip.bar.mix):
            handle.wanted.connect(partial(self._mix_for, handle))
        for handle in (side.mix, side.loops, side.midi, strip.bar.mix):
            handle.missed.connect(lambda text: around.notices.info(text, topic="layers"))
        side.loops.wanted.connect(lambda: self._copy(side.loops.offer))
        side.send_clicked.connect(lambda: self._copy(self.send_wanted.emit))

    def kept(self, sound: Path) -> Path:
        """Return the file of a sound in the project, where a fitted one becomes a clip."""
        try:
            file = kept_in(self._project, sound)
        except LoopError as error:
            self._complain(error)
            return sound
        if file != sound:
            self.written.emit()
        return file

    def close(self) -> None:
        """Wait until what is being written is there."""
        self._background.close()

    def _mix_for(self, handle: DragHandle) -> None:
        self._mix(lambda clip: handle.offer([clip]))

    def _mix(self, then: Callable[[Path], None]) -> None:
        """Write the mix as a clip, unless it has not changed since; call `then` with its file."""
        arrangement, heard = self.arrangement(), self.heard()
        if arrangement is None:
            self._notices.info(_EMPTY, topic="layers")
            return
        if self._mixed is not None and self._mixed[0] == arrangement and self._mixed[1].exists():
            then(self._mixed[1])
            return

        def done(clip: Clip) -> None:
            self._mixed = arrangement, Path(clip.path)
            self.written.emit()
            then(Path(clip.path))

        sources = [
            msgspec.structs.replace(each.sound.recipe, clip_id=each.row.id, title=each.row.title)
            for each in heard
        ]
        self._run(partial(write_mix, self._project, arrangement, sources), done)

    def _copy(self, then: Callable[[Sequence[Path]], None]) -> None:
        """Put the sounds that were fitted into the project; call `then` with all files."""
        sounds = [each.sound for each in self.heard()]
        if not sounds:
            self._notices.info(_EMPTY, topic="layers")
            return

        def done(files: list[Path]) -> None:
            self.written.emit()
            then(files)

        self._run(lambda: [kept_in(self._project, sound.path) for sound in sounds], done)

    def _write_notes(self, then: Callable[[Sequence[Path]], None]) -> None:
        """Write the notes of the loops that have them; call `then` with the files."""
        self._parts.want([notes_of(each.row) for each in self.heard() if each.has_notes], then)

    def _tell(self, file: Path) -> None:
        self._notices.info(f"Kept the mix as a loop: {file.name}.", topic="layers")

    def _run(self, task: Callable[[], object], then: Callable[..., None]) -> None:
        self._background.run(task, then, expected=LoopError, on_error=self._complain)

    def _complain(self, error: Exception) -> None:
        self._notices.error(str(error), topic="layers")
