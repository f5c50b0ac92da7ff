"""What the program tells its user: the one place where messages come from.

Anybody says what happened. What is said before there is a window is kept, and shown then.
"""

import dataclasses
import itertools
import logging
import threading
from collections.abc import Callable
from enum import Enum

MOST_KEPT = 100
_log = logging.getLogger(__name__)


class Level(Enum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclasses.dataclass(frozen=True)
class Notice:
    """One message; `topic` is what it replaces messages of, `detail` stands behind a button."""

    level: Level
    text: str
    detail: str = ""
    topic: str = ""
    number: int = 0


class Notices:
    """Takes messages from any thread, and hands them to whoever shows them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: list[Notice] = []
        self._show: Callable[[Notice], None] | None = None

    def info(self, text: str, *, topic: str = "") -> None:
        """Say that something went as it should."""
        self._say(Notice(Level.INFO, text, topic=topic))

    def warning(self, text: str, *, detail: str = "", topic: str = "") -> None:
        """Say that something is not as it should be, and work goes on."""
        self._say(Notice(Level.WARNING, text, detail, topic))

    def error(self, text: str, *, detail: str = "", topic: str = "") -> None:
        """Say that something failed."""
        self._say(Notice(Level.ERROR, text, detail, topic))

    def show_with(self, show: Callable[[Notice], None]) -> None:
        """Hand all messages to `show` from now on, those that wait first."""
        with self._lock:
            self._show = show
            waiting, self._waiting = self._waiting, []
        for notice in waiting:
            show(notice)

    def _say(self, notice: Notice) -> None:
        # Its text may name clips and files.
        _log.info("notice: %s, topic %r", notice.level.value, notice.topic)
        _log.debug("it says: %s", notice.text)
        with self._lock:
            numbered = dataclasses.replace(notice, number=next(self._numbers))
            show = self._show
            if show is None:
                same = [n for n in self._waiting if not n.topic or n.topic != notice.topic]
                self._waiting = [*same, numbered][-MOST_KEPT:]
        if show is not None:
            show(numbered)
