"""Passes the engine's events on to a bridge; light to import."""

from collections.abc import Callable
from enum import StrEnum

from engine import protocol


class EngineState(StrEnum):
    """The engine process as `/lw/pong` reports it."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"


class EngineEvents:
    """Passes the engine's events on to one subscriber, the bridge.

    The engine client is created before the bridge, so `engine_state` keeps what a bridge that
    subscribes later has missed.
    """

    def __init__(self) -> None:
        self.engine_state = EngineState.STARTING
        self.unsubscribe()

    def subscribe(
        self, on_event: Callable[[protocol.Event], None], on_exit: Callable[[], None]
    ) -> None:
        """Pass events and exits on to these callbacks from now on."""
        self._on_event, self._on_exit = on_event, on_exit

    def unsubscribe(self) -> None:
        """Pass nothing on from now on."""
        self.subscribe(lambda _event: None, lambda: None)

    def on_event(self, event: protocol.Event) -> None:
        """Pass on an event."""
        if isinstance(event, protocol.Ready):
            self.engine_state = EngineState.READY
        self._on_event(event)

    def on_exit(self, _engine_exit: object) -> None:
        """Pass on that an engine process has ended."""
        self.engine_state = EngineState.DOWN
        self._on_exit()
