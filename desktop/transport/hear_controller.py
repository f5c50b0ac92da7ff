"""Keeps what is heard at the session's tempo and key."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.state.notices import Notices
from desktop.transport.fitting import FittedSounds
from desktop.transport.strip import Transport
from engine.client import Engine

_SETTLE_MS = 250
"""A tempo that is dragged is fitted to once it rests."""


class HearController(QObject):
    """Follows the session; emits `changed` when it changes, or a fitted sound is there."""

    changed = Signal()

    def __init__(self, engine: Engine, transport: Transport, notices: Notices) -> None:
        super().__init__(transport)
        self._transport = transport
        self.fitted = fitted = FittedSounds(engine)
        fitted.set_time(transport.time)
        fitted.on_ready = self.changed.emit
        fitted.on_problem = lambda text: notices.warning(text, topic="fitting")
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self._settle)
        for changed in (transport.time_changed, transport.time_shown):
            changed.connect(self._timer.start)

    def close(self) -> None:
        """Stop following, and delete what was made."""
        self._timer.stop()
        self.fitted.close()

    def _settle(self) -> None:
        self.fitted.set_time(self._transport.time)
        self.changed.emit()
