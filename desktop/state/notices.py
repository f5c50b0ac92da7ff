"""The messages for the user, from all parts of the window.

Messages from before the window is shown are kept until then.
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
    """The severity of a message."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclasses.dataclass(frozen=True)
class Offer:
    """A button beside a message: its text, and what it does."""

    text: str
    accept: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Notice:
    """One message; it replaces earlier ones with its `topic`; `detail` is shown on request.

    Without a text, it only ends the earlier ones.
    """

    level: Level
    text: str
    detail: str = ""
    topic: str = ""
    offer: Offer | None = None
    number: int = 0


class Notices:
    """Accepts messages from any thread, and passes them to the widget that shows them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: list[Notice] = []
        self._show: Callable[[Notice], None] | None = None

    def info(self, text: str, *, topic: str = "", offer: Offer | None = None) -> None:
        """Report a success, perhaps with something that can be done now."""
        self._say(Notice(Level.INFO, text, topic=topic, offer=offer))

    def withdraw(self, topic: str) -> None:
        """Take back the message with a topic, if it is still shown: it is no longer true."""
        self._say(Notice(Level.INFO, "", topic=topic))

    def warning(self, text: str, *, detail: str = "", topic: str = "") -> None:
        """Report a problem that does not stop the work."""
        self._say(Notice(Level.WARNING, text, detail, topic))

    def error(
        self, text: str, *, detail: str = "", topic: str = "", offer: Offer | None = None
    ) -> None:
        """Report a failure, perhaps with something to do about it."""
        self._say(Notice(Level.ERROR, text, detail, topic, offer))

    def show_with(self, show: Callable[[Notice], None]) -> None:
        """Pass all messages to `show` from now on, starting with those that were kept."""
        with self._lock:
            self._show = show
            waiting, self._waiting = self._waiting, []
        for notice in waiting:
            show(notice)

    def _say(self, notice: Notice) -> None:
        # The text may name clips and files.
        _log.info("notice: %s, topic %r", notice.level.value, notice.topic)
        _log.debug("notice text: %s", notice.text)
        with self._lock:
            numbered = dataclasses.replace(notice, number=next(self._numbers))
            show = self._show
            if show is None:
                same = [n for n in self._waiting if not n.topic or n.topic != notice.topic]
                self._waiting = [*same, numbered][-MOST_KEPT:]
        if show is not None:
            show(numbered)
