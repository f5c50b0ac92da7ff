"""What an engine says, passed on to a bridge that listens; light to import."""

from collections.abc import Callable

from engine import protocol


class EngineEvents:
    """Passes on what an engine says to the bridge that listens; the engine's client comes first.

    `engine_state` is what a bridge that begins to listen later has missed.
    """

    def __init__(self) -> None:
        self.engine_state = "starting"
        self.silence()

    def listen(
        self, on_event: Callable[[protocol.Event], None], on_exit: Callable[[], None]
    ) -> None:
        """Tell this bridge from now on."""
        self._on_event, self._on_exit = on_event, on_exit

    def silence(self) -> None:
        """Tell nobody from now on."""
        self.listen(lambda _event: None, lambda: None)

    def tell(self, event: protocol.Event) -> None:
        """Pass on an event."""
        if isinstance(event, protocol.Ready):
            self.engine_state = "ready"
        self._on_event(event)

    def tell_exit(self, _ended: object) -> None:
        """Pass on that an engine process has ended."""
        self.engine_state = "down"
        self._on_exit()
