"""A program with the bridge inside it, as the window has; its engine does nothing."""

from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.engine_events import EngineEvents
from tests.fakes.bridge import FakeEngine
from tests.fakes.waiting import until


class EmbeddedHost:
    """The bridge with what its program gives it; a context manager that stops it."""

    def __init__(self, folder, player, port=0) -> None:
        self.engine, self.events = FakeEngine(), EngineEvents()
        self.jobs = []
        self.bridge = EmbeddedBridge(
            self.engine, player, self.events, folder, lambda *job: self.jobs.append(job), port
        )

    def start(self) -> int:
        """Start the bridge, wait for its socket, and return the port."""
        self.bridge.start()
        until(lambda: self.bridge.state.kind is not BridgeKind.STARTING)
        return self.bridge.state.port

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.bridge.stop()
