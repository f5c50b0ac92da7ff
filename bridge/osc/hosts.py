"""Which host counts, a DAW or an Ableton Link session, and when it was last seen.

What other threads read is replaced as a whole, so any thread may read it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from bridge.osc.clients import Clients, Endpoint
from bridge.osc.session import Session

LINK = "link"
"""The name under which the Ableton Link process registers."""
REAPER = "reaper"
FRESH_S = 15.0
"""A host seen this recently counts as connected: Live's script repeats everything every 10 s."""


class LastSeen(NamedTuple):
    """When a host or client was last seen, by `time.monotonic`; `name` is empty if unknown."""

    name: str
    at_s: float


class HostView(NamedTuple):
    """What a window shows of the hosts.

    Attributes:
        tempo, meter, key: the latest values; 0 and the empty text mean none.
        daw: the DAW that sent the last message.
        link: the Ableton Link session, if it has been seen.
        clients: the registered clients, and when each last renewed its lease.
        names: the names of the registered clients, by the endpoints they send from and receive on.
        dropped: how many datagrams and messages had no effect.
    """

    tempo: float = 0.0
    meter: str = ""
    key: str = ""
    daw: LastSeen | None = None
    link: LastSeen | None = None
    clients: tuple[LastSeen, ...] = ()
    names: Mapping[Endpoint, str] = MappingProxyType({})
    dropped: int = 0


class Hosts:
    """Filters what hosts send; with `only_link`, only the Link session counts."""

    def __init__(self, clients: Clients) -> None:
        self.only_link = False
        self._clients = clients
        self._daw: tuple[Endpoint, float] | None = None
        self._link_at_s: float | None = None
        self._inferred: dict[str, Endpoint] = {}

    def accepts_from(self, endpoint: Endpoint, now_s: float) -> bool:
        """Record that a host sent a message, and return whether its values count."""
        if self._name(endpoint) == LINK:
            self._link_at_s = now_s
            return True
        self._daw = (endpoint, now_s)
        return not self.only_link

    def infer_name(self, endpoint: Endpoint, name: str) -> None:
        """Record that an unregistered host sent a message that only this DAW sends."""
        self._inferred[name] = endpoint

    def current_daw(self, now_s: float) -> str:
        """Return the name of the DAW that was seen in the last 15 s; "" if unknown."""
        daw = self._daw
        if daw is None or now_s - daw[1] > FRESH_S:
            return ""
        return self._name(daw[0]) or self._inferred_name(daw[0])

    def view(self, session: Session) -> HostView:
        """Return what a window shows; may be called from any thread."""
        daw, link_at_s, clients = self._daw, self._link_at_s, list(self._clients)
        names = {
            endpoint: each.name
            for each in clients
            for endpoint in (each.socket, each.reply_endpoint)
        }
        last_daw = None
        if daw is not None:
            last_daw = LastSeen(self._name(daw[0]) or self._inferred_name(daw[0]), daw[1])
        return HostView(
            session.tempo,
            session.meter,
            session.key,
            last_daw,
            None if link_at_s is None else LastSeen(LINK, link_at_s),
            tuple(LastSeen(each.name, each.last_seen_s) for each in clients),
            names,
        )

    def _name(self, endpoint: Endpoint) -> str:
        client = self._clients.of(endpoint)
        return "" if client is None else client.name

    def _inferred_name(self, endpoint: Endpoint) -> str:
        return next((name for name, its in self._inferred.items() if its == endpoint), "")
