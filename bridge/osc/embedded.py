"""The bridge inside the window: the same as `loopwright bridge`, on the window's engine and player.

The first program to bind the port serves; a window whose port is taken runs without a bridge.
"""

import logging
import threading
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bridge.osc.addresses import DEFAULT_PORT
from bridge.osc.engine_events import EngineEvents
from bridge.osc.hosts import HostView
from bridge.osc.traffic import BridgeObserver, OnJob, TrafficLog
from engine.client import Engine
from playback.interface import ClipPlayer

if TYPE_CHECKING:
    from bridge.osc.server import BridgeServer

_log = logging.getLogger(__name__)


class BridgeKind(StrEnum):
    """The state of a bridge; `ELSEWHERE` means that another bridge has the port."""

    STOPPED = "stopped"
    STARTING = "starting"
    SERVING = "serving"
    ELSEWHERE = "elsewhere"
    FAILED = "failed"


class BridgeState(NamedTuple):
    """The state of the bridge and its port; `reason` says why it failed."""

    kind: BridgeKind
    port: int
    reason: str = ""


class EmbeddedBridge:
    """Starts and stops a bridge for one project; may be used from any thread."""

    def __init__(
        self,
        engine: Engine,
        player: ClipPlayer,
        events: EngineEvents,
        project: Path,
        on_job: OnJob,
        port: int = DEFAULT_PORT,
    ) -> None:
        """Prepare; `start` starts the bridge.

        Args:
            engine: makes the loops.
            player: plays previews.
            events: the engine's events.
            project: the window's project folder.
            on_job: called on the bridge's thread for each job that a client starts.
            port: the UDP port; 0 for any free port.
        """
        self.traffic = TrafficLog()
        self.state = BridgeState(BridgeKind.STOPPED, port)
        self.project = project
        self._engine = engine
        self._player = player
        self._events = events
        self._on_job = on_job
        self._port = port
        self._server: BridgeServer | None = None
        self._starter: threading.Thread | None = None

    def start(self) -> None:
        """Start serving, unless it already does; returns at once, and `state` shows the result."""
        if self.state.kind in (BridgeKind.STARTING, BridgeKind.SERVING):
            return
        self.state = BridgeState(BridgeKind.STARTING, self._port)
        self._starter = threading.Thread(target=self._start, name="bridge-start", daemon=True)
        self._starter.start()

    def stop(self) -> None:
        """Stop serving and free the port; does nothing if no bridge runs."""
        if self._starter is not None:
            self._starter.join()
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.state = BridgeState(BridgeKind.STOPPED, self._port)

    def view(self) -> HostView:
        """Return the hosts and the registered clients."""
        server = self._server
        return HostView() if server is None else server.router.host_view()

    def count_only_link(self, *, only: bool) -> None:
        """Choose whether only the Link session counts as a host."""
        server = self._server
        if server is not None:
            server.router.hosts.only_link = only

    def next_bar_s(self) -> float | None:
        """Return when the host's next bar starts, by `time.monotonic`; None if unknown."""
        server, now_s = self._server, time.monotonic()
        wait_s = None if server is None else server.router.session.seconds_to_next_bar(now_s)
        return None if wait_s is None else now_s + wait_s

    def _start(self) -> None:
        # Imported here, so that the window does not wait for it when it opens.
        from bridge.osc.errors import AddressUnusable, PortTaken
        from bridge.osc.projects import Projects
        from bridge.osc.server import BridgeServer

        try:
            server = BridgeServer(
                self._engine,
                self._player,
                Projects(self.project, in_window=True),
                self._events,
                port=self._port,
                observer=BridgeObserver(self._on_job, self.traffic),
            )
        except PortTaken:
            _log.info(
                "port %d belongs to another bridge: this window runs without its own", self._port
            )
            self.state = BridgeState(BridgeKind.ELSEWHERE, self._port)
        except AddressUnusable as error:
            _log.info("bridge could not start: %s", error)
            self.state = BridgeState(BridgeKind.FAILED, self._port, str(error))
        else:
            self._server = server.__enter__()
            self.state = BridgeState(BridgeKind.SERVING, server.port)
