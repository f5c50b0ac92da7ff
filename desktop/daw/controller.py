"""What has to do with DAWs in the window: the bridge, and what is shown of it.

The window looks at the bridge ten times a second, so a flood of messages costs it nothing.
"""

from PySide6.QtCore import QObject, QTimer

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from desktop.daw.page_controller import DawPageController
from desktop.daw.send_controller import SendController
from desktop.daw.words import state_text
from desktop.prompt.job_board import JobBoard
from desktop.transport.time_controller import TimeController
from desktop.transport.time_source import daw_name
from desktop.widgets.status_line import StatusLine
from engine.loops.request import LoopRequest

LOOK_EVERY_MS = 100
_TIPS = {
    BridgeKind.SERVING: "DAWs, patches and scripts are answered here (docs/osc.md)",
    BridgeKind.ELSEWHERE: "End the other bridge, or the other window, and start this one on the "
    "DAW page",
}


class DawController(QObject):
    """Runs the bridge, and keeps what shows it up to date."""

    def __init__(
        self,
        status: StatusLine,
        bridge: EmbeddedBridge,
        board: JobBoard,
        time: TimeController,
        page: DawPageController,
        sending: SendController,
    ) -> None:
        super().__init__(status)
        self._status = status
        self._bridge = bridge
        self._board = board
        self.time = time
        self.page = page
        self.sending = sending
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Start the bridge, and begin to look."""
        self._bridge.start()
        self._timer.start()

    def close(self) -> None:
        """Stop looking, and end the bridge."""
        self._timer.stop()
        self.sending.close()
        self.page.close()
        self.time.close()
        self._bridge.stop()

    def take_job(self, job_id: str, request: LoopRequest, asker: str) -> None:
        """Show a job in the queue that somebody asked for by OSC."""
        title = "" if request.prompt else f"{request.mode or 'loop'} {request.source or ''}".strip()
        self._board.add(job_id, request, daw_name(asker) if asker else "OSC", title)

    def look(self) -> None:
        """Show how things are now."""
        state, view = self._bridge.state, self._bridge.view()
        self._status.show_bridge(
            state_text(state, len(view.clients)),
            ready=state.kind is BridgeKind.SERVING,
            failed=state.kind is BridgeKind.FAILED,
            tip=state.reason or _TIPS.get(state.kind, ""),
        )
        self.sending.look(view)
        self.time.look(view)
        self.page.look(view)
