"""Who plays the host: a DAW, or an Ableton Link session; which of them counts, and when it spoke.

What is seen from outside is replaced as a whole, so any thread may look at it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from bridge.osc.clients import Clients, Endpoint
from bridge.osc.session import Session

LINK = "link"
"""The name that the process of Ableton Link registers by."""
REAPER = "reaper"
FRESH_S = 15.0
"""Who spoke that short a time ago talks: Live's side says everything again each 10 s."""


class LastSeen(NamedTuple):
    """Somebody who spoke: who it is, where known, and when last, by `time.monotonic`."""

    name: str
    at_s: float


class HostView(NamedTuple):
    """What a window shows of the hosts.

    Attributes:
        tempo, meter, key: what was said last; 0 and the empty text stand for nothing.
        daw: the DAW that spoke last.
        link: the Ableton Link session, where it spoke.
        clients: who is registered, and when each said so last.
        names: by the places where they ask and hear, the names of who is registered.
    """

    tempo: float = 0.0
    meter: str = ""
    key: str = ""
    daw: LastSeen | None = None
    link: LastSeen | None = None
    clients: tuple[LastSeen, ...] = ()
    names: Mapping[Endpoint, str] = MappingProxyType({})


class Hosts:
    """Sorts what is said by hosts; `only_link` is whether the Link session alone counts."""

    def __init__(self, clients: Clients) -> None:
        self.only_link = False
        self._clients = clients
        self._daw: tuple[Endpoint, float] | None = None
        self._link_at_s: float | None = None
        self._guessed: dict[str, Endpoint] = {}

    def on_host_message(self, place: Endpoint, now_s: float) -> bool:
        """Note that a host speaks, and return whether what it says counts."""
        if self._name(place) == LINK:
            self._link_at_s = now_s
            return True
        self._daw = (place, now_s)
        return not self.only_link

    def note_accent(self, place: Endpoint, name: str) -> None:
        """Note that a host, which does not register, speaks as only the DAW of that name does."""
        self._guessed[name] = place

    def name_now(self, now_s: float) -> str:
        """Return the name of the DAW that was heard just now; "" where that is not known."""
        daw = self._daw
        if daw is None or now_s - daw[1] > FRESH_S:
            return ""
        return self._name(daw[0]) or self._guess(daw[0])

    def view(self, session: Session) -> HostView:
        """Return what there is to see; may be asked from any thread."""
        daw, link_at_s, clients = self._daw, self._link_at_s, list(self._clients)
        return HostView(
            session.tempo,
            session.meter,
            session.key,
            None if daw is None else LastSeen(self._name(daw[0]) or self._guess(daw[0]), daw[1]),
            None if link_at_s is None else LastSeen(LINK, link_at_s),
            tuple(LastSeen(each.name, each.heard_at_s) for each in clients),
            {place: each.name for each in clients for place in (each.socket, each.reply_endpoint)},
        )

    def _name(self, place: Endpoint) -> str:
        client = self._clients.of(place)
        return "" if client is None else client.name

    def _guess(self, place: Endpoint) -> str:
        return next((name for name, its in self._guessed.items() if its == place), "")
