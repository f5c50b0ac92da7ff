"""Runs the window's OSC bridge and shows its state.

The window polls the bridge ten times a second, so a flood of messages does not slow it down.
"""

from PySide6.QtCore import QObject, QTimer

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from desktop.daw.page_controller import DawPageController
from desktop.daw.send_controller import SendController
from desktop.daw.words import programs, state_text
from desktop.prompt.open_jobs import OpenJobs
from desktop.transport.time_controller import TimeController
from desktop.transport.time_source import daw_name
from desktop.widgets.status_line import StatusLine
from engine.loops.request import LoopRequest

POLL_EVERY_MS = 100
_TIPS = {
    BridgeKind.SERVING: "DAWs, patches and scripts reach it over OSC at 127.0.0.1:{} "
    "(see docs/osc.md)",
    BridgeKind.ELSEWHERE: "To use this window's bridge, close the other one, then open this one on "
    "the DAW page",
}


class DawController(QObject):
    """Starts and stops the bridge, and updates the widgets that show it."""

    def __init__(
        self,
        status: StatusLine,
        bridge: EmbeddedBridge,
        open_jobs: OpenJobs,
        time: TimeController,
        page: DawPageController,
        sending: SendController,
    ) -> None:
        super().__init__(status)
        self._status = status
        self._bridge = bridge
        self._open_jobs = open_jobs
        self.time = time
        self.page = page
        self.sending = sending
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_EVERY_MS)
        self._timer.timeout.connect(self.refresh)

    def start(self) -> None:
        """Start the bridge, and start polling it."""
        self._bridge.start()
        self._timer.start()

    def close(self) -> None:
        """Stop polling, and stop the bridge."""
        self._timer.stop()
        self.sending.close()
        self.page.close()
        self.time.close()
        self._bridge.stop()

    def take_job(self, job_id: str, request: LoopRequest, client: str) -> None:
        """Show a job in the queue that a client requested over OSC."""
        title = "" if request.prompt else f"{request.mode or 'loop'} {request.source or ''}".strip()
        self._open_jobs.add(job_id, request, daw_name(client) if client else "OSC", title)

    def refresh(self) -> None:
        """Show the current state."""
        state, view = self._bridge.state, self._bridge.view()
        count = len(programs(view))
        self._status.show_bridge(
            state_text(state, count),
            ready=state.kind is BridgeKind.SERVING and count > 0,
            failed=state.kind is BridgeKind.FAILED,
            tip=state.reason or _TIPS.get(state.kind, "").format(state.port),
        )
        self.sending.refresh(view)
        self.time.refresh(view)
        self.page.refresh(view)
