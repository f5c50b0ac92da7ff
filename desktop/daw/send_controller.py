"""Sends the selected clips to the connected DAW."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bridge.osc.embedded import EmbeddedBridge
from bridge.osc.hosts import HostView
from desktop.clips.clip_list import ClipList
from desktop.clips.detail import Detail
from desktop.clips.rows import ClipRow
from desktop.daw.sending import NOBODY, ClipToSend, SendingFailed, receiver, send_clips
from desktop.layers.side import LayersSide
from desktop.state.notices import Notices
from desktop.transport.time_source import daw_name
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from engine.loops.clip import clip_id_of
from engine.loops.edits import Edits

WhenThere = Callable[[Sequence[Path], Callable[[list[Path]], None]], None]


class SendController:
    """Sends clips in the background: a DAW may take seconds to answer."""

    def __init__(
        self,
        clips: ClipList,
        detail: Detail,
        side: LayersSide,
        bridge: EmbeddedBridge,
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        self.when_there: WhenThere = lambda files, then: then(list(files))
        """Calls a function with the files to send for clips' files, such as fitted ones."""
        self.edited: Callable[[Path, Edits], Path] = lambda file, _edits: file
        """Returns the file that is sent for a clip's file with some edits."""
        self._clips = clips
        self._detail = detail
        self._side = side
        self._bridge = bridge
        self._notices = notices
        self._background = Background("sending", main_thread)
        detail.send_clicked.connect(self.send_chosen)

    def action_handlers(self) -> dict[str, Callable[[], None]]:
        """Return what the actions do, by their ids."""
        return {
            "send_to_daw": self.send_chosen,
            "send_midi_to_daw": lambda: self.send_chosen(as_midi=True),
        }

    def send_chosen(self, *, as_midi: bool = False) -> None:
        """Send the selected clips, or their notes, to the connected DAW."""
        self._detail.editing.settle()
        rows = self._clips.chosen_rows()
        if not rows:
            self._notices.info("Choose the loops to send first.", topic="send")
            return
        if self._is_alone():
            self._notices.warning(NOBODY, topic="send")
            return
        if as_midi:
            self._send([self._with_notes(row) for row in rows], as_midi=True)
            return

        def send(files: list[Path]) -> None:
            ids = [clip_id_of(file.name) or "" for file in files]
            named = zip(ids, rows, strict=True)
            self._send([ClipToSend(clip_id, row.shown_title) for clip_id, row in named])

        self.when_there([row.path for row in rows], send)

    def _is_alone(self) -> bool:
        """Return whether this window's own bridge knows that no DAW would receive anything."""
        names = (each.name for each in self._bridge.view().clients)
        return self._bridge.state.kind == "serving" and not receiver(names, "")

    def send_files(self, files: list[Path]) -> None:
        """Send clips of the project to the connected DAW."""
        found = [(clip_id_of(file.name), file.stem) for file in files]
        self._send([ClipToSend(clip_id, name) for clip_id, name in found if clip_id])

    def _with_notes(self, row: ClipRow) -> ClipToSend:
        """Return the clip whose notes are sent: of a trimmed one, a version with those bars."""
        edits = row.mark.edits
        file = row.path if edits.bars is None else self.edited(row.path, edits)
        return ClipToSend(clip_id_of(file.name) or row.id, row.shown_title)

    def _send(self, clips: list[ClipToSend], *, as_midi: bool = False) -> None:
        view, port = self._bridge.view(), self._bridge.state.port
        self._background.run(
            lambda: send_clips(clips, port, _preferred(view), as_midi=as_midi),
            lambda sentence: self._notices.info(sentence, topic="send"),
            expected=SendingFailed,
            on_error=lambda error: self._notices.warning(str(error), topic="send"),
        )

    def refresh(self, view: HostView) -> None:
        """Show which DAW would receive the clips."""
        daw_id = receiver((each.name for each in view.clients), _preferred(view))
        name = daw_name(daw_id) if daw_id else ""
        self._detail.show_daw(name)
        self._side.show_daw(name)

    def close(self) -> None:
        """Wait for the running transfer."""
        self._background.close()


def _preferred(view: HostView) -> str:
    """Return the id of the DAW that receives clips if two are connected: the current host."""
    return view.daw.name.lower() if view.daw else ""
