"""What has to do with DAWs in the window: the bridge, and what is shown of it.

The bridge is looked at ten times a second instead of telling: a flood of messages then costs the
window nothing.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.hosts import HostView
from desktop.app.window import Window
from desktop.daw.page_controller import DawPageController
from desktop.daw.sending import ClipToSend, SendingFailed, receiver, send_clips
from desktop.daw.words import state_text
from desktop.prompt.job_board import JobBoard
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.transport.time_controller import TimeController
from desktop.transport.time_source import daw_name
from engine.loops.request import LoopRequest

LOOK_EVERY_MS = 100


class DawController(QObject):
    """Connects the bridge with the parts of the window that show it."""

    def __init__(
        self,
        window: Window,
        host: EmbeddedBridge,
        board: JobBoard,
        notices: Notices,
        settings: Settings,
        later: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        """Prepare; `later` makes a function that is called on the window's thread."""
        super().__init__(window)
        self._window = window
        self._host = host
        self._notices = notices
        self._board = board
        self.time = TimeController(window.transport, host, notices, settings)
        self.page = DawPageController(window.pages, host, settings, later)
        self._sender = ThreadPoolExecutor(1, "sending")
        self._on_sent = later(self._tell_sent)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        window.detail.send_clicked.connect(self.send_chosen)
        window.transport.daw_button.clicked.connect(self.page.toggle)

    def start(self) -> None:
        """Start the bridge, and begin to look."""
        self._host.start()
        self._timer.start()

    def close(self) -> None:
        """Look no more, and end the bridge."""
        self._timer.stop()
        self._sender.shutdown(cancel_futures=True)
        self.page.close()
        self.time.close()
        self._host.stop()

    def take_job(self, job_id: str, request: LoopRequest, asker: str) -> None:
        """Show a job in the queue that somebody asked for by OSC."""
        title = "" if request.prompt else f"{request.mode or 'loop'} {request.source or ''}".strip()
        self._board.add(job_id, request, daw_name(asker) if asker else "OSC", title)

    def send_chosen(self) -> None:
        """Send the chosen clips to the DAW that listens."""
        rows = self._window.clips.chosen_rows()
        if not rows:
            self._notices.info("Choose a clip first: it is sent to the DAW then.", topic="send")
            return
        parcels = [ClipToSend(row.id, row.shown_title) for row in rows]
        view, port = self._host.view(), self._host.state.port
        sent = self._sender.submit(send_clips, parcels, port, _preferred(view))
        sent.add_done_callback(self._on_sent)

    def _tell_sent(self, sent: "Future[str]") -> None:
        if sent.cancelled():
            return
        try:
            self._notices.info(sent.result(), topic="send")
        except SendingFailed as error:
            self._notices.warning(str(error), topic="send")

    def look(self) -> None:
        """Show how things are now."""
        state, view = self._host.state, self._host.view()
        self._window.status.show_bridge(
            state_text(state, len(view.clients)),
            ready=state.kind == BridgeKind.SERVING,
            failed=state.kind == BridgeKind.FAILED,
            tip=state.reason or _TIPS.get(state.kind, ""),
        )
        daw_id = receiver((each.name for each in view.clients), _preferred(view))
        self._window.detail.show_daw(daw_name(daw_id) if daw_id else "")
        self.time.look(view)
        self.page.look(view)


def _preferred(view: HostView) -> str:
    """Return the id of the DAW that gets clips where two listen: the one that plays the host."""
    return view.daw.name.lower() if view.daw else ""


_TIPS = {
    BridgeKind.SERVING: "DAWs, patches and scripts are answered here (docs/osc.md)",
    BridgeKind.ELSEWHERE: "End the other bridge, or the other window, and start this one on the "
    "DAW page",
}
