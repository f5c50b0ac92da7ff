"""The registered clients: names, endpoints, leases, and the values that each listens to."""

import itertools
import logging
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from bridge.osc.errors import BAD_ARGUMENTS, BUSY, UNKNOWN, RequestFailed, shown

LEASE_S = 30
MOST_CLIENTS = 32
MOST_PER_SOCKET = 4
SILENT_S = 12
"""After this many seconds without a sign of life a client may be dropped for a new one."""
_DAWS = frozenset({"live", "reaper"})
_log = logging.getLogger(__name__)


class Endpoint(NamedTuple):
    """An IP address and a UDP port."""

    host: str
    port: int


class Client:
    """A registered client: it sends from `socket` and receives on `reply_endpoint`."""

    def __init__(self, number: int, name: str, socket: Endpoint, reply_endpoint: Endpoint) -> None:
        self.number = number
        self.name = name
        self.socket = socket
        self.reply_endpoint = reply_endpoint
        self.last_seen_s = 0.0
        self.listens_to: set[str] = set()


class Clients:
    """The registered clients, until their leases end; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._clients: dict[int, Client] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._clients.values()))

    def __len__(self) -> int:
        return len(self._clients)

    def register(self, name: str, socket: Endpoint, return_port: int, now_s: float) -> Client:
        """Register a client, or renew the one that receives on the same endpoint.

        Raises:
            RequestFailed: the port is invalid, or there are too many clients, none of them silent.
        """
        if not 0 <= return_port <= 65_535:
            raise RequestFailed(
                BAD_ARGUMENTS, f"return_port is {return_port}, but must be 0 to 65535."
            )
        reply_endpoint = Endpoint(socket.host, return_port) if return_port else socket
        client = next((each for each in self if each.reply_endpoint == reply_endpoint), None)
        if client is None:
            self._make_room(name, socket, now_s)
            client = Client(next(self._numbers), name, socket, reply_endpoint)
            self._clients[client.number] = client
            _log.info("client %d registered as %s, from %s", client.number, shown(name), socket)
        client.name, client.socket = name, socket
        client.last_seen_s = now_s
        return client

    def _make_room(self, name: str, socket: Endpoint, now_s: float) -> None:
        """Drop a client if there are too many; a socket has few, however many ports it names."""
        own = [each for each in self if each.socket == socket]
        if len(own) >= MOST_PER_SOCKET:
            del self._clients[own[0].number]
        elif len(self._clients) >= MOST_CLIENTS:
            dropped = self._giving_way(name, now_s)
            del self._clients[dropped.number]
            _log.info("client %d made room", dropped.number)

    def _giving_way(self, name: str, now_s: float) -> Client:
        """Return the client that makes room for another.

        Datagrams do not tell which process sent them. So of the name with the most clients the
        latest gives way: a program that registers again and again from new sockets takes its own
        places. If all names differ, a DAW replaces the client seen longest ago, other DAWs last;
        any other client replaces that one only if it is silent.
        """
        counts = Counter(each.name.lower() for each in self)
        greediest, count = counts.most_common(1)[0]
        if count > 1:
            return [each for each in self if each.name.lower() == greediest][-1]
        oldest = min(self, key=lambda each: (each.name.lower() in _DAWS, each.last_seen_s))
        if name.lower() not in _DAWS and now_s - oldest.last_seen_s < SILENT_S:
            raise RequestFailed(
                BUSY, f"{MOST_CLIENTS} clients are already registered: unregister one first."
            )
        return oldest

    def unregister(self, number: int, socket: Endpoint) -> None:
        """Forget a client; 0 is the sender.

        Raises:
            RequestFailed: no client of the sender's machine has the number.
        """
        client = self._clients.get(number) if number else self.of(socket)
        if client is None or client.socket.host != socket.host:
            raise RequestFailed(
                UNKNOWN,
                f"No client has the number {number}: give 0, or a number from /lw/register.",
            )
        del self._clients[client.number]
        _log.info("client %d unregistered", client.number)

    def renew(self, socket: Endpoint, now_s: float) -> None:
        """Renew the lease of the client at an endpoint."""
        for client in self._clients.values():
            if socket in (client.socket, client.reply_endpoint):
                client.last_seen_s = now_s

    def expire(self, now_s: float) -> None:
        """Forget the clients whose lease has ended."""
        for client in self:
            if client.last_seen_s + LEASE_S <= now_s:
                del self._clients[client.number]
                _log.info("client %d expired after %d s", client.number, LEASE_S)

    def of(self, socket: Endpoint) -> Client | None:
        """Return the client that sends from or receives on an endpoint, if it is registered."""
        return next((each for each in self if socket in (each.socket, each.reply_endpoint)), None)

    def named(self, name: str) -> Client | None:
        """Return the client of that name that registered last."""
        found = [each for each in self if each.name.lower() == name]
        return found[-1] if found else None

    def listen(self, socket: Endpoint, name: str, *, on: bool) -> None:
        """Start or stop sending the changes of a value to a client.

        Raises:
            RequestFailed: the sender is not registered.
        """
        client = self.of(socket)
        if client is None:
            raise RequestFailed(
                UNKNOWN, f"Only registered clients receive {shown(name)}: send /lw/register first."
            )
        if on:
            client.listens_to.add(name)
        else:
            client.listens_to.discard(name)
