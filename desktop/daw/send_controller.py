"""What the button "To the DAW" does: it sends the chosen clips to the DAW that listens."""

from bridge.osc.embedded import EmbeddedBridge
from bridge.osc.hosts import HostView
from desktop.clips.clip_list import ClipList
from desktop.clips.detail import Detail
from desktop.daw.sending import ClipToSend, SendingFailed, receiver, send_clips
from desktop.state.notices import Notices
from desktop.transport.time_source import daw_name
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread


class SendController:
    """Sends in the background: a DAW may take seconds to answer."""

    def __init__(
        self,
        clips: ClipList,
        detail: Detail,
        bridge: EmbeddedBridge,
        notices: Notices,
        main_thread: MainThread,
    ) -> None:
        self._clips = clips
        self._detail = detail
        self._bridge = bridge
        self._notices = notices
        self._background = Background("sending", main_thread)
        detail.send_clicked.connect(self.send_chosen)

    def send_chosen(self) -> None:
        """Send the chosen clips to the DAW that listens."""
        rows = self._clips.chosen_rows()
        if not rows:
            self._notices.info("Choose a clip first: it is sent to the DAW then.", topic="send")
            return
        clips = [ClipToSend(row.id, row.shown_title) for row in rows]
        view, port = self._bridge.view(), self._bridge.state.port
        self._background.run(
            lambda: send_clips(clips, port, _preferred(view)),
            lambda sentence: self._notices.info(sentence, topic="send"),
            expected=SendingFailed,
            on_error=lambda error: self._notices.warning(str(error), topic="send"),
        )

    def look(self, view: HostView) -> None:
        """Show which DAW would get the clips."""
        daw_id = receiver((each.name for each in view.clients), _preferred(view))
        self._detail.show_daw(daw_name(daw_id) if daw_id else "")

    def close(self) -> None:
        """Wait for the clip that is being sent."""
        self._background.close()


def _preferred(view: HostView) -> str:
    """Return the id of the DAW that gets clips if two listen: the one that plays the host."""
    return view.daw.name.lower() if view.daw else ""
